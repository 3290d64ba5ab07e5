const PAGE = "/aftersales/field";
const LOOK_EVERY = 3600 * 1000;

/**
 * Have the browser keep the app, and what was entered, also when room is short. A new
 * version is fetched beside the old one and shown the next time the app is opened.
 */
export async function keepApp(install) {
    navigator.storage?.persist?.().catch(() => {});
    const workers = navigator.serviceWorker;
    if (!workers) {
        return;
    }
    const isFirst = !workers.controller;
    let isNoted = isFirst;
    workers.addEventListener("controllerchange", () => {
        if (isNoted) {
            isNoted = false;
        } else {
            install.hasNewVersion = true;
        }
    });
    try {
        const registration = await workers.register(`${PAGE}/service-worker.js`, {
            scope: PAGE,
            updateViaCache: "none",
        });
        const look = () => registration.update().catch(() => {});
        setInterval(look, LOOK_EVERY);
        window.addEventListener("online", look);
    } catch {
        // Without https there is none: the app works while the network does.
    }
}
