"""A headless Chromium that prints HTML, driven over a pair of pipes.

Plain Python: no ORM, no port, no library beside the standard one.
"""

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from contextlib import suppress
from urllib.parse import urlsplit

# Chromium reads commands from descriptor 3 and answers on 4; only a shell can put
# them there without running Python between fork and exec in a threaded server. Odoo
# limits the address space of its workers, of which V8 reserves more than any limit.
LAUNCHER = (
    'ulimit -S -v unlimited 2>/dev/null; exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null'
)
SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--hide-scrollbars",
)
# What a document may fetch from hosts other than its own: things to look at, but
# no page whose text would end up in print.
FOREIGN_RESOURCES = {"Image", "Font", "Stylesheet"}

# The load event does not wait for fonts, nor for images that a script has moved.
READY_SCRIPT = """
    Promise.allSettled([
        document.fonts.ready, ...[...document.images].map((image) => image.decode())
    ]).then(() => true)
"""


class ChromiumError(Exception):
    """Chromium did not start, did not answer in time or refused a command."""


class Chromium:
    """One browser process with one tab; use it as a context manager.

    Documents handed to :meth:`print` live under ``base_url`` without being fetched
    from it: they are answered here, and what they refer to is fetched with the
    given cookies. Pages of that origin cannot read the files of this machine.

    The process and its folder are gone when the context ends, after ``timeout``
    seconds at the latest. Should this Python die, Chromium sees the end of its pipe
    and leaves.
    """

    def __init__(self, executable, base_url, cookies=None, timeout=100, sandbox=True):
        self.executable = executable
        self.base_url = base_url.rstrip("/")
        self.cookies = cookies or {}
        self.timeout = timeout
        self.sandbox = sandbox
        self.failures = []  # addresses that could not be loaded, with the reason
        self._documents = {}
        self._events = deque()
        self._buffer = bytearray()
        self._count = 0
        self._session = None
        self._expired = False

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="report.chromium.")
        self._log = os.path.join(self._folder, "stderr")
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *exception):
        self._stop()

    def print(self, path, html, viewport=None, **options):
        """Return the PDF of a document.

        :param path: where the document takes itself to be, with its query
        :param viewport: width and height of the window the page is loaded in
        :param options: those of DevTools' ``Page.printToPDF``
        """
        self._documents = {urlsplit(path).path: html, "/favicon.ico": ""}
        self._events.clear()
        if viewport:
            width, height = viewport
            self._call(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=False,
            )
        url = f"{self.base_url}{path}"
        if error := self._call("Page.navigate", url=url).get("errorText"):
            raise ChromiumError(error)
        self._wait_for("Page.loadEventFired")
        self._call("Runtime.evaluate", expression=READY_SCRIPT, awaitPromise=True)
        return base64.b64decode(self._call("Page.printToPDF", **options)["data"])

    def _start(self):
        switches = [*SWITCHES, f"--user-data-dir={self._folder}/profile"]
        if not self.sandbox:
            switches.append("--no-sandbox")
        with open(self._log, "wb") as log:
            # Whoever inherits this descriptor holds the lock: see _stop.
            fcntl.flock(log, fcntl.LOCK_EX)
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", LAUNCHER, self.executable, *switches],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                start_new_session=True,
                env={**os.environ, "HOME": self._folder, "TMPDIR": self._folder},
            )
        # Ends every read and write below, whatever they wait for.
        self._watchdog = threading.Timer(self.timeout, self._expire)
        self._watchdog.daemon = True
        self._watchdog.start()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call(
            "Target.attachToTarget", targetId=target, flatten=True
        )["sessionId"]
        self._call("Page.enable")
        self._call("Log.enable")
        self._call("Fetch.enable")
        self._call("Emulation.setEmulatedMedia", media="screen")
        for name, value in self.cookies.items():
            self._call(
                "Network.setCookie",
                name=name,
                value=value,
                url=self.base_url,
                httpOnly=True,
            )

    def _expire(self):
        self._expired = True
        self._kill()

    def _kill(self):
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _stop(self):
        if process := getattr(self, "_process", None):
            if watchdog := getattr(self, "_watchdog", None):
                watchdog.cancel()
            self._kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
            self._wait_for_crash_handlers()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_for_crash_handlers(self):
        """They have left the process group; they end, and write, a moment later."""
        deadline = time.monotonic() + 5
        with open(self._log, "rb") as log:
            while time.monotonic() < deadline:
                try:
                    return fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.01)

    def _get_death_reason(self):
        if self._expired:
            return f"no answer within {self.timeout} seconds"
        with open(self._log, encoding="utf-8", errors="replace") as log:
            return log.read()[-1000:].strip() or "the process ended"

    def _call(self, method, **params):
        number = self._send(method, params)
        while True:
            message = self._receive()
            if message.get("id") == number:
                if "error" in message:
                    raise ChromiumError(f"{method}: {message['error']['message']}")
                return message["result"]

    def _wait_for(self, event):
        while event not in self._events:
            self._receive()

    def _send(self, method, params):
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = memoryview(json.dumps(message).encode() + b"\0")
        try:
            while data:
                data = data[self._process.stdin.write(data) :]
        except OSError as error:
            raise ChromiumError(self._get_death_reason()) from error
        return self._count

    def _receive(self):
        """Return the next message, after attending to it if it is an event."""
        start = 0
        while (end := self._buffer.find(b"\0", start)) < 0:
            start = len(self._buffer)
            chunk = self._process.stdout.read(1 << 20)
            if not chunk:
                raise ChromiumError(self._get_death_reason())
            self._buffer += chunk
        message = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        if event := message.get("method"):
            self._events.append(event)
            if event == "Fetch.requestPaused":
                self._answer_request(message["params"])
            elif event == "Log.entryAdded":
                entry = message["params"]["entry"]
                if entry["source"] == "network" and entry["level"] == "error":
                    self.failures.append(f"{entry.get('url')}: {entry['text']}")
            elif event in ("Inspector.targetCrashed", "Target.targetCrashed"):
                raise ChromiumError("the page crashed")
        return message

    def _answer_request(self, event):
        """Hand out our documents, let their resources pass and block the rest."""
        url, request = event["request"]["url"], event["requestId"]
        ours = url.startswith(f"{self.base_url}/")
        path = urlsplit(url[len(self.base_url) :]).path if ours else None
        if path in self._documents:
            self._send(
                "Fetch.fulfillRequest",
                {
                    "requestId": request,
                    "responseCode": 200,
                    "responseHeaders": [
                        {"name": "Content-Type", "value": "text/html; charset=utf-8"}
                    ],
                    "body": base64.b64encode(self._documents[path].encode()).decode(),
                },
            )
        elif ours or (
            urlsplit(url).scheme in ("http", "https")
            and event["resourceType"] in FOREIGN_RESOURCES
        ):
            self._send("Fetch.continueRequest", {"requestId": request})
        else:
            self.failures.append(f"{url}: not allowed in reports")
            self._send(
                "Fetch.failRequest",
                {"requestId": request, "errorReason": "AccessDenied"},
            )
