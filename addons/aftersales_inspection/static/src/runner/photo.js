import { _t } from "@web/core/l10n/translation";

const SIDE = 1600;
const QUALITY = 0.82;

const readAsDataURL = (blob) =>
    new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });

const loadImage = (file) =>
    new Promise((resolve, reject) => {
        const url = URL.createObjectURL(file);
        const image = new Image();
        image.onload = () => resolve(image);
        image.onerror = () => reject(new Error("no image"));
        image.src = url;
        image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
        image.addEventListener("error", () => URL.revokeObjectURL(url), { once: true });
    });

/**
 * Make of a photo what is sent: a JPEG of at most 1600 pixels a side, upright.
 *
 * @param {File} file
 * @returns {Promise<{name: string, data: string}>} data as data URL
 * @throws {Error} with words for the user, if the file is no picture
 */
export async function scalePhoto(file) {
    let image;
    try {
        image = await loadImage(file);
    } catch {
        throw new Error(
            _t("%(photo)s is not a picture that can be shown. Take a photo, or choose a JPEG, PNG or WebP file.", {
                photo: file.name,
            })
        );
    }
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return {
        name: `${file.name.replace(/\.[^.]*$/, "") || "photo"}.jpg`,
        data: await readAsDataURL(blob || file),
    };
}
