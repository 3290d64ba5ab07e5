import base64
import itertools
import json
import time
from contextlib import contextmanager

import websocket

from odoo.tests.common import (
    HOST,
    TEST_CURSOR_COOKIE_NAME,
    ChromeBrowser,
    _registry_test_lock,
    release_test_lock,
)

PAGE = "/aftersales/field"
# Answers of Chromium itself come at once; scripts may take their time.
PATIENCE = 30
STEP = 0.05


class PhoneError(Exception):
    pass


class Browsers:
    """One Chromium in which each phone has cookies and a storage of its own.

    It talks to the browser as its developer tools do, to pages and service workers
    alike, so that the network of both can be switched off. Test and requests share one
    connection to the database: once the test keeps requests out, the server answers
    while it waits for the browser, or lets requests in for longer.
    """

    def __init__(self, test):
        self.test = test
        self.chrome = ChromeBrowser(test)
        version = self.chrome._json_command("version")
        self._socket = websocket.create_connection(
            version["webSocketDebuggerUrl"], suppress_origin=True, timeout=PATIENCE
        )
        self._ids = itertools.count(1)
        self._is_free = True

    @contextmanager
    def keep_requests_out(self):
        """Have the connection to the database for the test."""
        with _registry_test_lock:
            self._is_free = False
            try:
                yield
            finally:
                self._is_free = True

    @contextmanager
    def let_requests_in(self):
        """Let the server answer in the meantime."""
        if self._is_free:
            yield
            return
        self._is_free = True
        try:
            with release_test_lock():
                yield
        finally:
            self._is_free = False

    def close_windows(self):
        for context in self.send("Target.getBrowserContexts")["browserContextIds"]:
            self.send("Target.disposeBrowserContext", browserContextId=context)

    def close(self):
        self._socket.close()
        self.chrome.stop()

    def send(self, method, session=None, **params):
        """Send a command and return its answer; events are passed over."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        answer = {}
        with self.let_requests_in():
            while answer.get("id") != number:
                answer = json.loads(self._socket.recv())
        if "error" in answer:
            raise PhoneError(f"{method}: {answer['error']['message']}")
        return answer["result"]


class Phone:
    """An engineer's phone: a window of 390 × 844 with the app in it."""

    def __init__(self, browsers, login=None, size=(390, 844)):
        self.browsers = browsers
        self.size = size
        self.base = browsers.test.base_url()
        self.context = browsers.send("Target.createBrowserContext")["browserContextId"]
        self.is_online = True
        self.workers = {}
        self._open_page()
        if login:
            self.log_in(login)

    # Windows

    def _open_page(self):
        self.target = self.browsers.send(
            "Target.createTarget", url="about:blank", browserContextId=self.context
        )["targetId"]
        self.session = self._attach(self.target)
        self.cdp("Page.enable")
        self.cdp("Runtime.enable")
        self.cdp("Network.enable")
        width, height = self.size
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=True,
        )
        self._set_network()

    def _attach(self, target):
        return self.browsers.send(
            "Target.attachToTarget", targetId=target, flatten=True
        )["sessionId"]

    def cdp(self, method, **params):
        return self.browsers.send(method, session=self.session, **params)

    def kill(self):
        """Close the window at once, whatever is under way in it.

        The browser says that it will before it has: what arrives in between would
        still be heard.
        """
        self.browsers.send("Target.closeTarget", targetId=self.target)
        end = time.monotonic() + PATIENCE
        while self.target in self._get_targets():
            if time.monotonic() > end:
                raise PhoneError("The window does not close")
            time.sleep(STEP)
        self.target = None

    def _get_targets(self):
        targets = self.browsers.send("Target.getTargets")["targetInfos"]
        return {target["targetId"] for target in targets}

    def open(self, wait=True):
        """Open the app, in a new window if it was killed.

        :param bool wait: until it has heard from the server
        """
        if not self.target:
            self._open_page()
        self.cdp("Page.navigate", url=self.base + PAGE)
        self.wait("window.aftersalesField?.model.isLoaded")
        if wait:
            self.wait("aftersalesField.model.user && !aftersalesField.sync.isRunning")

    def keep(self):
        """Wait until the browser has put the app by."""
        self.wait("navigator.serviceWorker.controller", patience=60)

    # Cookies and network

    def log_in(self, login):
        """Give the phone a session, as the login page does."""
        test = self.browsers.test
        # Several phones: the session of the one before stays.
        test.session = None
        test.authenticate(login, login)
        self.sid = test.session.sid
        for name, value in (
            ("session_id", self.sid),
            (TEST_CURSOR_COOKIE_NAME, test.http_request_key),
        ):
            self.cdp("Network.setCookie", name=name, value=value, domain=HOST, path="/")

    def go_offline(self):
        self.is_online = False
        self._set_network()

    def go_online(self):
        self.is_online = True
        self._set_network()

    def _set_network(self):
        conditions = {
            "offline": not self.is_online,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        }
        self.cdp("Network.emulateNetworkConditions", **conditions)
        for target in self.browsers.send("Target.getTargets")["targetInfos"]:
            if (
                target["type"] == "service_worker"
                and target.get("browserContextId") == self.context
            ):
                worker = self.workers.get(target["targetId"])
                if not worker:
                    # One for good: each would keep conditions of its own.
                    worker = self._attach(target["targetId"])
                    self.workers[target["targetId"]] = worker
                    self.browsers.send("Network.enable", session=worker)
                self.browsers.send(
                    "Network.emulateNetworkConditions", session=worker, **conditions
                )

    # What happens in the window

    def run(self, script):
        """Return what a JavaScript expression is worth, waited for if a promise."""
        answer = self.cdp(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if details := answer.get("exceptionDetails"):
            text = details.get("exception", {}).get("description") or details["text"]
            raise PhoneError(f"{script}\n{text}")
        return answer["result"].get("value")

    def wait(self, script, patience=PATIENCE):
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + patience
        error = None
        while time.monotonic() < end:
            try:
                if self.run(f"Boolean({script})"):
                    return
                error = None
            except PhoneError as problem:
                error = problem
            with self.browsers.let_requests_in():
                time.sleep(STEP)
        seen = self.run("document.body.innerText.slice(0, 1500)")
        raise PhoneError(f"Waited in vain for {script}\n{error or ''}\nSeen:\n{seen}")

    def see(self, text):
        self.wait(f"document.body.innerText.includes({json.dumps(text)})")

    def press(self, selector):
        """Press what a finger would reach: it is there, shown and not disabled."""
        one = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{one} && !{one}.disabled && {one}.getClientRects().length")
        # In one breath, and again if the screen was just drawn anew.
        self.wait(
            f"""((one) => {{
                if (!one || one.disabled || !one.getClientRects().length) {{
                    return false;
                }}
                one.scrollIntoView({{ block: "center", behavior: "instant" }});
                one.click();
                return true;
            }})({one})"""
        )

    def type(self, selector, text):
        self.wait(
            f"""((field) => {{
                if (!field) {{
                    return false;
                }}
                field.focus();
                field.value = {json.dumps(text)};
                field.dispatchEvent(new InputEvent("input", {{ bubbles: true }}));
                field.dispatchEvent(new Event("change", {{ bubbles: true }}));
                return true;
            }})(document.querySelector({json.dumps(selector)}))"""
        )

    def go(self, *parts):
        """Open a screen by its address, as its button does."""
        address = [str(part) for part in parts]
        # Again until it is there: a step that ends just then opens its own screen.
        self.wait(
            "aftersalesField.router.parts.join('/') === "
            f"{json.dumps('/'.join(address))}"
            f" || aftersalesField.router.go(...{json.dumps(address)})"
        )

    def sign(self):
        """Draw on the field for signatures, with the finger on the glass."""
        self.wait("document.querySelector('canvas')")
        self.run(
            "document.querySelector('canvas')"
            ".scrollIntoView({block: 'center', behavior: 'instant'})"
        )
        box = self.run(
            "(({left, top, width, height}) => ({left, top, width, height}))"
            "(document.querySelector('canvas').getBoundingClientRect())"
        )
        mouse = {"button": "left", "buttons": 1, "pointerType": "mouse"}
        places = [
            (
                box["left"] + box["width"] * share,
                box["top"] + box["height"] * (0.3 + 0.4 * (number % 2)),
            )
            for number, share in enumerate((0.2, 0.3, 0.4, 0.5, 0.6))
        ]
        event = "Input.dispatchMouseEvent"
        x, y = places[0]
        self.cdp(event, type="mousePressed", x=x, y=y, clickCount=1, **mouse)
        for x, y in places:
            self.cdp(event, type="mouseMoved", x=x, y=y, **mouse)
        self.cdp(event, type="mouseReleased", x=x, y=y, clickCount=1, **mouse)

    def take_photo(self, selector, width=800, name="photo.png"):
        """Give a file field a noisy picture, which stays as large as photos are."""
        self.wait(f"document.querySelector({json.dumps(selector)})")
        self.run(
            f"""(async () => {{
                const canvas = new OffscreenCanvas({width}, {width} * 0.75);
                const context = canvas.getContext("2d");
                const picture = context.createImageData(canvas.width, canvas.height);
                for (let i = 0; i < picture.data.length; i++) {{
                    picture.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
                }}
                context.putImageData(picture, 0, 0);
                const blob = await canvas.convertToBlob();
                const transfer = new DataTransfer();
                const {{ type }} = blob;
                transfer.items.add(new File([blob], {json.dumps(name)}, {{ type }}));
                const field = document.querySelector({json.dumps(selector)});
                field.files = transfer.files;
                field.dispatchEvent(new Event("change", {{ bubbles: true }}));
            }})()"""
        )

    def shoot(self, path):
        picture = self.cdp("Page.captureScreenshot")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))

    # What the app has

    @property
    def waiting(self):
        """Return the kinds of what was not sent yet, photos included."""
        return self.run(
            "[...aftersalesField.model.outbox.map((e) => e.kind),"
            " ...aftersalesField.model.photos.map(() => 'photo')]"
        )

    @property
    def problems(self):
        return self.run("JSON.parse(JSON.stringify(aftersalesField.model.problems))")

    def sync(self):
        """Send and fetch, and wait until it is over."""
        self.run("aftersalesField.sync.now()")
        self.wait("!aftersalesField.sync.isRunning")

    def send_all(self):
        """Switch the network on and wait until nothing waits."""
        self.go_online()
        self.run("aftersalesField.sync.now()")
        self.wait(
            "!aftersalesField.model.waitingCount && !aftersalesField.sync.isRunning"
        )


@contextmanager
def open_phones(test, *logins):
    """Open a phone for each login."""
    browsers = Browsers(test)
    try:
        with test.allow_requests():
            try:
                with browsers.keep_requests_out():
                    yield [Phone(browsers, login) for login in logins]
            finally:
                # Requests of a window that is gone are not waited for.
                browsers.close_windows()
                test._wait_remaining_requests()
    finally:
        browsers.close()
