import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from odoo.tests import tagged
from odoo.tools import file_path

from ..chromium import Chromium, ChromiumError
from .common import ChromiumCommon, get_texts

SECRET = "TOP-SECRET-TEXT"


@tagged("post_install", "-at_install")
class TestChromium(ChromiumCommon):
    def _browse(self, **options):
        options = {"sandbox": os.geteuid() != 0, **options}
        return Chromium(self.executable, "http://odoo.invalid", **options)

    def test_local_files_are_not_printed(self):
        with tempfile.NamedTemporaryFile("w", suffix=".html") as secret:
            secret.write(SECRET)
            secret.flush()
            url = f"file://{secret.name}"
            with self._browse() as browser:
                content = browser.print(
                    "/page",
                    f"""
                            <p>Text</p><iframe src="{url}"></iframe>
                            <object data="{url}"></object><embed src="{url}"></embed>
                            <script>
                                const say = (text) => document.body.append(text);
                                try {{
                                    const request = new XMLHttpRequest();
                                    request.open("GET", "{url}", false);
                                    request.send();
                                    say(request.responseText);
                                }} catch (error) {{
                                    say("refused");
                                }}
                            </script>
                    """,
                )
        (text,) = get_texts(content)
        self.assertIn("refused", text)
        self.assertNotIn(SECRET, text)

    def test_pages_of_other_hosts_are_not_printed(self):
        foreign = f"{self.base_url()}/web/login"
        with self._browse() as browser:
            browser.print("/page", f'<p>Text</p><iframe src="{foreign}"></iframe>')
        self.assertIn(foreign, "".join(browser.failures))

    def test_endless_script_is_stopped(self):
        start = time.monotonic()
        with (
            self.assertRaisesRegex(ChromiumError, "within 3 seconds"),
            self._browse(timeout=3) as browser,
        ):
            browser.print("/page", "<script>while (true) {}</script>")
        self.assertLess(time.monotonic() - start, 20)

    def test_crash_is_reported(self):
        with self.assertRaises(ChromiumError), self._browse() as browser:
            os.killpg(browser._process.pid, signal.SIGKILL)
            browser.print("/page", "<p>Text</p>")

    def test_error_in_the_caller_ends_the_browser(self):
        with self.assertRaises(ZeroDivisionError), self._browse():
            raise ZeroDivisionError

    def _get_worker_arguments(self, code):
        """Return what starts a Python that runs a few lines outside of Odoo."""
        return {
            "args": [
                sys.executable,
                "-c",
                f"import resource, sys, time; from chromium import Chromium\n{code}",
                self.executable,
                "" if os.geteuid() == 0 else "sandbox",
            ],
            "cwd": file_path("aftersales_report_chromium"),
            "env": {**os.environ, "TMPDIR": self.folder},
            "text": True,
        }

    def test_browser_ends_with_a_killed_worker(self):
        code = """
browser = Chromium(sys.argv[1], "http://odoo.invalid", sandbox=bool(sys.argv[2]))
browser.__enter__()
print("started", flush=True)
time.sleep(60)
"""
        with subprocess.Popen(
            **self._get_worker_arguments(code), stdout=subprocess.PIPE
        ) as worker:
            self.assertEqual(worker.stdout.readline(), "started\n")
            self.assertTrue(self._get_processes())
            worker.kill()
        deadline = time.monotonic() + 20
        while self._get_processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(self._get_processes())
        # Nobody is there to remove the folder.
        for folder in os.listdir(self.folder):
            shutil.rmtree(os.path.join(self.folder, folder))

    def test_address_space_limit_of_workers_does_not_matter(self):
        code = """
limit = 2560 * 1024 * 1024, resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, limit)
with Chromium(sys.argv[1], "http://odoo.invalid", sandbox=bool(sys.argv[2])) as browser:
    print(browser.print("/page", "<p>Text</p>")[:4])
"""
        output = subprocess.check_output(**self._get_worker_arguments(code))
        self.assertEqual(output, "b'%PDF'\n")
