"""Which Odoo 19 is used.

$ODOO_HOME -> the copy in .local/odoo -> the Debian package -> git clone
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import debian
from .common import LOCAL, Failure, digest, locked, output, read, say

SERIES = "19.0"
GIT_URL = os.environ.get("ODOO_GIT_URL", "https://github.com/odoo/odoo.git")
LAUNCHER = (
    'from odoo.cli.command import main\n\nif __name__ == "__main__":\n    main()\n'
)
# Files that the Debian package leaves out but that asset bundles name. Without
# the stub every page logs an error, and with it every browser test fails.
STUBS = {
    "mail/static/lib/selfie_segmentation/selfie_segmentation.js": (
        "/* Not in the Debian package; background blur in calls needs it. */\n"
    ),
}


def root_in(path):
    """The folder for ``sys.path`` (it holds odoo/release.py), or ``None``."""
    path = Path(path)
    for root in (path, path / "usr/lib/python3/dist-packages", path / "odoo"):
        if (root / "odoo" / "release.py").is_file():
            return root
    return None


def series(root):
    found = re.search(
        r"^version_info = \((\d+), (\d+)", read(root / "odoo/release.py"), re.M
    )
    return ".".join(found.groups()) if found else "unknown"


def find():
    """``(root, origin)`` of an Odoo that is already here, or ``None``."""
    home = os.environ.get("ODOO_HOME")
    if home:
        root = root_in(Path(home).resolve())
        if not root:
            raise Failure(f"ODOO_HOME={home} holds no Odoo: no odoo/release.py in it")
        if series(root) != SERIES:
            raise Failure(f"ODOO_HOME={home} is Odoo {series(root)}, not {SERIES}")
        return root, "ODOO_HOME"
    origin = read(LOCAL / "odoo" / "ORIGIN").strip()
    root = root_in(LOCAL / "odoo")
    return (root, origin) if root and origin else None


def ensure():
    """``(root, origin)``; fetches Odoo when there is none."""
    found = find()
    if found:
        return found
    with locked("odoo"):
        return find() or fetch()


def fetch():
    reasons = []
    partial = LOCAL / "odoo.partial"
    for name, getter in (("the Debian archive", debian.fetch), ("git", clone)):
        shutil.rmtree(partial, ignore_errors=True)
        say(f"Odoo {SERIES} from {name}")
        try:
            origin = getter(partial)
        except LookupError as error:
            reasons.append(f"  {name}: {error}")
            say(f"  not from {name}: {error}")
            continue
        root = root_in(partial)
        if not root or series(root) != SERIES:
            reasons.append(f"  {name}: what came is not Odoo {SERIES}")
            continue
        complete(root)
        (partial / "ORIGIN").write_text(origin + "\n")
        shutil.rmtree(LOCAL / "odoo", ignore_errors=True)
        partial.rename(LOCAL / "odoo")
        return find()
    shutil.rmtree(partial, ignore_errors=True)
    raise Failure(
        f"Odoo {SERIES} could not be fetched:\n"
        + "\n".join(reasons)
        + f"\nCheck out or unpack Odoo {SERIES} yourself and set ODOO_HOME to it."
    )


def complete(root):
    """Add what a package lacks and a checkout has."""
    for stub, text in STUBS.items():
        for base in (root / "odoo/addons", root / "addons"):
            if (base / stub.split("/")[0]).is_dir() and not (base / stub).exists():
                (base / stub).parent.mkdir(parents=True, exist_ok=True)
                (base / stub).write_text(text)
    # Odoo's own tests of the command line call it.
    if not (root / "odoo-bin").exists():
        (root / "odoo-bin").write_text("#!/usr/bin/env python3\n" + LAUNCHER)
        (root / "odoo-bin").chmod(0o755)


def clone(target):
    if not shutil.which("git"):
        raise LookupError("git is not installed")
    result = subprocess.run(
        ["git", "clone", "-q", "--depth", "1", "-b", SERIES, GIT_URL, str(target)],
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )
    if result.returncode:
        lines = result.stdout.strip().splitlines() or ["git clone failed"]
        raise LookupError(lines[-1])
    head = output(["git", "-C", target, "rev-parse", "HEAD"]) or "unknown"
    return f"git {head.strip()}"


def identity(root, origin):
    """Changes whenever Odoo's code may have changed."""
    if origin != "ODOO_HOME":
        return origin
    head = output(["git", "-C", root, "rev-parse", "HEAD"])
    if head:
        changes = output(["git", "-C", root, "diff", "HEAD"]) or ""
        return f"git {head.strip()} {digest(changes)}"
    sizes = []
    for folder, _folders, files in os.walk(root / "odoo"):
        for name in files:
            if name.endswith((".py", ".xml", ".csv")):
                path = os.path.join(folder, name)
                sizes.append(f"{path}:{os.stat(path).st_size}")
    return f"tree {digest(*sorted(sizes))}"
