from . import test_rights
from . import test_verdict
