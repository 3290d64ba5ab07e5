"""Installing the add-ons logs no warning and no error."""

import os
import subprocess
import sys
from pathlib import Path

from devkit.common import REPO


def test_install_log():
    checklog = Path(sys.executable).with_name("checklog-odoo")
    result = subprocess.run(
        [
            checklog,
            f"--config={REPO / 'config' / 'checklog-odoo.cfg'}",
            os.environ["DEVKIT_INSTALL_LOG"],
        ],
        text=True,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
