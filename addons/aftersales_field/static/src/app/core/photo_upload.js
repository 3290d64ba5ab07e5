import { _t } from "@web/core/l10n/translation";
import { plain, readBase64 } from "./identity";
import { ServerError, call } from "./server";

const PIECE = 256 * 1024;
const URL = "/aftersales/field/photo";

/**
 * Send a photo in pieces; what broke off goes on where the server says it stopped.
 *
 * @param {import("./field_model").FieldModel} model
 * @param {Object} photo of the model
 */
export async function uploadPhoto(model, photo) {
    const { blob, seq, visit_name, isKept, isSending, offset: _offset, id, ...about } = photo;
    const head = {
        ...plain(about),
        photo: id,
        device: model.device,
        user_id: model.user?.id || null,
    };
    let answer = await call(URL, { ...head, offset: photo.offset });
    let last = -1;
    while (!answer.done && !answer.error && !answer.wrong_user) {
        const { offset } = answer;
        if (offset === last) {
            // The server takes no more of it and does not say why.
            throw new ServerError(_t("The server does not take the rest of a photo."));
        }
        last = offset;
        const data = await readBase64(blob.slice(offset, offset + PIECE));
        answer = await call(URL, { ...head, offset, data });
        if (!answer.done && !answer.error) {
            await model.markPhoto(photo, answer.offset);
        }
    }
    if (answer.wrong_user) {
        model.sync.otherUser = answer.wrong_user;
        return;
    }
    await model.settlePhoto(photo, answer.error);
}
