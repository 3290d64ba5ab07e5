import { Component, useState } from "@odoo/owl";
import { scalePhoto } from "@aftersales_inspection/runner/photo";
import { getPhotoUrl } from "../core/checklist_model";
import { readDataUrl } from "../core/identity";
import { Bar } from "../widgets/bar";

/** Photos of the visit itself: the place, the type plate, a closed door. */
export class PhotosScreen extends Component {
    static template = "aftersales_field.Photos";
    static components = { Bar };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({ busy: 0, error: "" });
    }

    get photos() {
        return this.model.getPhotos(this.props.visit.id).filter((photo) => photo.kind === "visit");
    }

    get sent() {
        return this.props.visit.photos || [];
    }

    getUrl(photo) {
        return getPhotoUrl(photo.blob);
    }

    drop(photo) {
        return this.model.dropPhoto(photo.id);
    }

    async onPhotos(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        this.state.error = "";
        this.state.busy += files.length;
        for (const file of files) {
            try {
                const { name, data } = await scalePhoto(file);
                await this.model.addPhoto(
                    this.props.visit.id,
                    { name, blob: readDataUrl(data) },
                    { kind: "visit" }
                );
            } catch (error) {
                this.state.error = error.message;
            } finally {
                this.state.busy--;
            }
        }
    }
}
