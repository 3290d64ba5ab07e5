import { _t } from "@web/core/l10n/translation";
import { plain, readBase64 } from "./identity";
import { nameWork } from "./shop";
import { ServerError, call } from "./server";

const PIECE = 256 * 1024;
const TRIES = 3;
const URL = "/aftersales/field/photo";

/**
 * Send a photo in pieces; what broke off goes on where the server says it stopped.
 *
 * @param {import("./field_model").FieldModel} model
 * @param {Object} photo of the model
 */
export async function uploadPhoto(model, photo) {
    const { blob, seq, visit_name, moment, isKept, isSending, offset: _offset, id, ...about } =
        photo;
    const head = {
        ...plain(about),
        ...nameWork(photo.visit_id),
        photo: id,
        device: model.device,
        user_id: model.user?.id || null,
    };
    let answer = await call(URL, { ...head, offset: photo.offset });
    let tries = 0;
    while (!answer.done && !answer.refused && !answer.wrong_user) {
        const offset = answer.offset || 0;
        const data = await readBase64(blob.slice(offset, offset + PIECE));
        answer = await call(URL, { ...head, offset, data });
        if (!answer.done && (answer.offset || 0) <= offset && ++tries > TRIES) {
            // It arrives damaged, or the server takes no more of it.
            throw new ServerError(_t("The server does not take a photo. It is kept and sent later."));
        }
        if (!answer.done && !answer.refused) {
            await model.markPhoto(photo, answer.offset || 0);
        }
    }
    if (answer.wrong_user) {
        model.sync.otherUser = answer.wrong_user;
        return;
    }
    await model.settlePhoto(photo, answer.refused && answer.error);
}
