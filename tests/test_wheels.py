"""Every add-on builds as a wheel that pip can install."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from devkit.addons import manifests
from devkit.common import ADDONS

OWN = manifests()


@pytest.mark.parametrize("name", OWN)
def test_wheel(name, tmp_path):
    # A copy: whool would read git's index, which need not be what lies here.
    source = tmp_path / name
    shutil.copytree(ADDONS / name, source, ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--wheel-dir", tmp_path, source),
        ],
        env={**os.environ, "WHOOL_POST_VERSION_STRATEGY_OVERRIDE": "none"},
        text=True,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"odoo_addon_{name}-19.0.")
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
        metadata = next(file for file in files if file.endswith("/METADATA"))
        text = archive.read(metadata).decode()
    assert f"odoo/addons/{name}/__manifest__.py" in files
    for dependency in set(OWN[name].get("depends", [])) & set(OWN):
        assert f"Requires-Dist: odoo-addon-{dependency}" in text
