"""The steps of scripts/lint."""

import pytest

from devkit import lint
from devkit.common import Failure


@pytest.mark.parametrize("step", lint.STEPS)
def test_lint(step):
    complaint = ""
    try:
        lint.STEPS[step]()
    except Failure as failure:
        complaint = str(failure)
    if complaint:
        pytest.fail(complaint, pytrace=False)
