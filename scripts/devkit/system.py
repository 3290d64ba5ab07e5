"""Optional programs of the machine: browser, PDF tools, fonts."""

import os
import shutil
import subprocess

from . import postgres
from .common import in_ci, output, say

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def has_browser():
    return any(map(shutil.which, BROWSERS))


def has_chinese_font():
    return bool((output(["fc-list", ":lang=zh", "family"]) or "").strip())


def has_pdf_tools():
    return bool(shutil.which("pdftotext"))


def has_postgres():
    return bool(postgres.is_external() or postgres.find_programs())


# what is missing, how to see it, Debian's package, what does not work without it
NEEDS = (
    ("Chromium", has_browser, "chromium", "no browser tests, no PDF by Chromium"),
    ("pdftotext", has_pdf_tools, "poppler-utils", "no tests that read a PDF"),
    ("PostgreSQL", has_postgres, "postgresql", "one from PyPI is used"),
    ("a Chinese font", has_chinese_font, "fonts-noto-cjk", "no Chinese text in a PDF"),
)


def check():
    """Name what is missing. As root in CI (or with DEVKIT_APT=1) install it."""
    missing = [need for need in NEEDS if not need[1]()]
    allowed = os.environ.get("DEVKIT_APT", "1" if in_ci() else "") not in ("", "0")
    if missing and allowed and os.geteuid() == 0 and shutil.which("apt-get"):
        apt_install([package for _what, _test, package, _cost in missing])
        missing = [need for need in missing if not need[1]()]
    for what, _test, package, cost in missing:
        say(f"missing: {what}: {cost} (Debian and Ubuntu: apt install {package})")


def apt_install(packages):
    say(f"apt-get install {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", "-q", "update"], env=env, stdout=subprocess.DEVNULL, check=False
    )
    for package in packages:  # one that this release lacks must not stop the others
        subprocess.run(
            ["apt-get", "-q", "install", "-y", "--no-install-recommends", package],
            env=env,
            stdout=subprocess.DEVNULL,
            check=False,
        )
