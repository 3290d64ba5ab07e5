/** @returns {string} a name that no other entry has */
export function makeId() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @returns {any} a copy that storage and network take: no watched objects */
export function plain(value) {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** @returns {Promise<string | null>} what tells a file from all others, in hex */
export async function getDigest(blob) {
    if (!crypto.subtle) {
        return null;
    }
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {Blob} the content of a data URL */
export function readDataUrl(url) {
    const [head, body] = url.split(",");
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    return new Blob([bytes], { type: head.slice(5).split(";")[0] });
}

/** @returns {Promise<string>} the content of a blob as base64 */
export function readBase64(blob) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.split(",")[1] || "");
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });
}
