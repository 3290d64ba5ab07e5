/** @odoo-module ignore **/
// The public page loads nothing of the web client: this file stands alone.
(() => {
    "use strict";

    const POLL = 15000; // without websocket
    const REFRESH = 60000; // with it: promises run out without anybody's change
    const TURN = 12000; // how long a page of cars stays when there are several
    const MAX_WAIT = 60000;

    const root = document.getElementById("lounge");
    if (!root) {
        return;
    }
    const { code, tz, websocket: version, ...words } = root.dataset;
    const grid = root.querySelector("main");
    const status = root.querySelector(".status");
    const clock = root.querySelector("time");
    const pages = root.querySelector(".pages");
    const steps = [words.received, words.work, words.check, words.ready];

    let payload = JSON.parse(words.payload);
    let page = 0;
    let socket = null;
    let isLive = false;
    let attempts = 0;
    let lastId = 0;
    let timer = null;
    let isGone = false;

    function create(tag, className, text) {
        const element = document.createElement(tag);
        element.className = className;
        element.textContent = text || "";
        return element;
    }

    function createCar(car) {
        const card = create("article", car.ready ? "car ready" : "car");
        const promise = create("span", "promise", car.promise);
        if (car.promise) {
            promise.prepend(create("small", "", words.promised));
        }
        const line = create("ol", "line");
        steps.forEach((step, index) => {
            const item = create("li", index < car.step ? "done" : "", step);
            if (index + 1 === car.step) {
                item.setAttribute("aria-current", "step");
            }
            line.append(item);
        });
        card.append(
            create("strong", "label", car.label),
            promise,
            create("span", "text", car.text),
            line
        );
        return card;
    }

    /** Draw as many cars as fit; the rest take their turn. */
    function draw() {
        const { cars } = payload;
        root.querySelector(".empty").hidden = cars.length > 0;
        grid.replaceChildren(...cars.map(createCar));
        const fitting = [...grid.children].filter(
            (card) => card.offsetTop + card.offsetHeight <= grid.clientHeight
        ).length;
        const perPage = Math.max(fitting, 1);
        // A narrow screen is a phone in a hand: it scrolls.
        const count = window.innerWidth < 700 ? 1 : Math.ceil(cars.length / perPage) || 1;
        page %= count;
        if (count > 1) {
            const first = page * perPage;
            grid.replaceChildren(...cars.slice(first, first + perPage).map(createCar));
        }
        pages.textContent = count > 1 ? `${page + 1} / ${count}` : "";
    }

    function tick() {
        const now = new Date();
        clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
            hour: "2-digit",
            minute: "2-digit",
            timeZone: tz,
        }).format(now);
    }

    function showStatus(text) {
        status.textContent = text;
        root.classList.toggle("stale", Boolean(text));
    }

    function stop() {
        isGone = true;
        clearTimeout(timer);
        socket?.close();
        payload = { cars: [] };
        draw();
        root.querySelector(".empty").hidden = true;
        showStatus(words.gone);
    }

    async function refresh() {
        clearTimeout(timer);
        try {
            const response = await fetch(`/aftersales/lounge/${code}/data`, {
                credentials: "same-origin",
                cache: "no-store",
            });
            if (response.status === 404) {
                return stop();
            }
            if (!response.ok) {
                throw new Error(response.statusText);
            }
            payload = await response.json();
            showStatus("");
            draw();
        } catch {
            showStatus(words.offline);
        }
        plan(isLive ? REFRESH : POLL);
    }

    function plan(delay) {
        clearTimeout(timer);
        if (!isGone) {
            timer = setTimeout(refresh, delay);
        }
    }

    /** Listen to the bus; where there is no websocket the page goes on asking. */
    function connect() {
        const protocol = location.protocol === "https:" ? "wss" : "ws";
        socket = new WebSocket(
            `${protocol}://${location.host}/websocket?version=${encodeURIComponent(version)}`
        );
        socket.addEventListener("open", () => {
            attempts = 0;
            isLive = true;
            root.dataset.live = "1";
            const data = { channels: [`aftersales.lounge_${code}`], last: lastId };
            socket.send(JSON.stringify({ event_name: "subscribe", data }));
            plan(500); // what happened while nobody listened
        });
        socket.addEventListener("message", (event) => {
            const notifications = JSON.parse(event.data);
            lastId = Math.max(lastId, ...notifications.map(({ id }) => id));
            if (notifications.some(({ message }) => message.type === "aftersales.lounge/changed")) {
                plan(300); // one look for a burst of changes
            }
        });
        socket.addEventListener("close", () => {
            if (isLive) {
                plan(POLL);
            }
            isLive = false;
            delete root.dataset.live;
            if (!isGone) {
                attempts += 1;
                setTimeout(connect, Math.min(1000 * 2 ** attempts, MAX_WAIT) * (1 + Math.random()));
            }
        });
    }

    draw();
    tick();
    plan(POLL);
    connect();
    setInterval(tick, 1000);
    setInterval(() => {
        page += 1;
        draw();
    }, TURN);
    window.addEventListener("resize", draw);
})();
