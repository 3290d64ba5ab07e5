from . import test_rights
from . import test_verdict
from . import test_claim
from . import test_claim_supplier
