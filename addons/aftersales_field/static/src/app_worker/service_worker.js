// @odoo-module ignore

/*
 * Keeps the app on the phone: its page, its bundle, font and icons, and nothing else.
 * SETTINGS (version, page, files) stands above, put there by the server. Another version
 * gets another cache; what the engineer entered lies elsewhere and is not touched.
 */
const PREFIX = "aftersales_field-";
const CACHE = PREFIX + SETTINGS.version;

async function fill() {
    const cache = await caches.open(CACHE);
    const page = await fetch(SETTINGS.page, { cache: "no-cache", credentials: "same-origin" });
    // A page of another version would ask for a bundle that is not kept here.
    if (!page.ok || !(await page.clone().text()).includes(SETTINGS.version)) {
        throw new Error("The page has changed meanwhile.");
    }
    await cache.addAll(SETTINGS.files);
    await cache.put(SETTINGS.page, page);
}

self.addEventListener("install", (event) => {
    event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        (async () => {
            for (const name of await caches.keys()) {
                if (name.startsWith(PREFIX) && name !== CACHE) {
                    await caches.delete(name);
                }
            }
            await self.clients.claim();
        })()
    );
});

async function answer(request) {
    const url = new URL(request.url);
    const key = url.pathname === SETTINGS.page ? SETTINGS.page : request;
    const cache = await caches.open(CACHE);
    return (await cache.match(key)) || fetch(request);
}

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (
        request.method === "GET" &&
        url.origin === self.location.origin &&
        !url.searchParams.has("debug") &&
        (url.pathname === SETTINGS.page || SETTINGS.files.includes(url.pathname + url.search))
    ) {
        event.respondWith(answer(request));
    }
});
