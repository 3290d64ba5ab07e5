"""The virtual environment: Odoo's libraries, the test tools, the linters."""

import os
import re
import shutil
import sys
from pathlib import Path

from . import odoo_source
from .common import (
    LOCAL,
    REQUIREMENTS,
    Failure,
    child_env,
    digest,
    locked,
    output,
    read,
    run,
    say,
)

VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
ODOO = VENV / "bin" / "odoo"
VERSIONS = ("3.12", "3.11", "3.13")
UV = "uv"


def find_python():
    """``(path, version)`` of an interpreter for the environment."""
    wished = os.environ.get("PYTHON")
    names = [wished] if wished else [f"python{version}" for version in VERSIONS]
    # Run it: a version manager's stand-in may exist and not work.
    probe = (
        "import sys, venv, ensurepip\n"
        "assert (3, 11) <= sys.version_info[:2] <= (3, 13)\n"
        "print('%d.%d' % sys.version_info[:2])"
    )
    for name in names if wished else [*names, "python3", sys.executable]:
        path = shutil.which(name)
        version = path and output([path, "-c", probe])
        if version:
            return path, version.strip()
    raise Failure(
        "no usable Python: 3.11, 3.12 or 3.13 with the modules venv and ensurepip.\n"
        "On Debian and Ubuntu: apt install python3-venv. PYTHON names one to use."
    )


def ensure(root):
    """Make the environment, or keep the one made from the same requirements."""
    stamp = VENV / "STAMP"
    wanted = digest(read(REQUIREMENTS), root, odoo_source.series(root))

    def ready():
        return read(stamp).strip() == wanted and PYTHON.exists()

    if ready():
        return
    with locked("venv"):
        if ready():
            return
        base, version = find_python()
        say(f"Python {version}: packages of {REQUIREMENTS.name}")
        shutil.rmtree(VENV, ignore_errors=True)
        run([base, "-m", "venv", VENV])
        add_odoo(root)
        install_requirements()
        if version == "3.13":  # see requirements.txt
            pip("install", "--no-deps", "rlPyCairo==0.4.0")
        run([PYTHON, "-c", "import lxml, psycopg2, werkzeug"], env=child_env())
        stamp.write_text(wanted + "\n")


def pip(*args):
    run([PYTHON, "-m", "pip", "-q", *args], env=child_env())


def add_odoo(root):
    """Put Odoo on the path, known to pip as ``odoo 19.0``: add-ons from PyPI
    require that name, and no package of that name may ever be fetched for them."""
    site = Path(
        output(
            [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        ).strip()
    )
    (site / "odoo-tree.pth").write_text(f"{root}\n")
    info = site / f"odoo-{odoo_source.SERIES}.dist-info"
    info.mkdir()
    version = odoo_source.SERIES
    for name, text in {
        "METADATA": f"Metadata-Version: 2.1\nName: odoo\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: devkit\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        "INSTALLER": "devkit\n",
        "RECORD": "",
    }.items():
        (info / name).write_text(text)
    # Never `python -m odoo`: with workers Odoo starts its websocket process by
    # running sys.argv[0] again, which fails for odoo/__main__.py.
    ODOO.write_text(f"#!{PYTHON}\n{odoo_source.LAUNCHER}")
    ODOO.chmod(0o755)


def install_requirements():
    """With uv, ten times as fast as pip; with pip when uv cannot be had."""
    uv = shutil.which("uv")
    try:
        if not uv:
            pip("install", UV)
            uv = VENV / "bin" / "uv"
        # uv reads neither pip's configuration nor the machine's certificates.
        env = child_env()
        for key, value in {
            "UV_LINK_MODE": "copy",
            "UV_HTTP_TIMEOUT": "180",
            "UV_SYSTEM_CERTS": "true",
            "UV_NATIVE_TLS": "true",
        }.items():
            env.setdefault(key, value)
        index = index_arguments(output([PYTHON, "-m", "pip", "config", "list"]) or "")
        command = [uv, "pip", "install", "-q", "--python", PYTHON, *index]
        run([*command, "-r", REQUIREMENTS], env=env)
    except Failure as failure:
        say("  without uv: " + " ".join(str(failure).split())[-300:])
        pip("install", "-r", REQUIREMENTS)


def index_arguments(pip_config):
    """uv's arguments for the package index that pip is configured to use."""
    found = re.search(
        r"^(?:global|install|:env:)\.index-url='([^']+)'", pip_config, re.M
    )
    if found and not os.environ.get("UV_DEFAULT_INDEX"):
        return ["--default-index", found.group(1)]
    return []


def continue_inside():
    """Go on in the environment's Python: psycopg2 is needed from here."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    from .common import STARTED

    env = {
        **os.environ,
        "DEVKIT_STARTED": str(STARTED),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), "-m", "devkit", *sys.argv[1:]], env)
