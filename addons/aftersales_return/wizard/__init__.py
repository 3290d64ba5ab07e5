from . import reason
from . import return_test
from . import return_settle
from . import difference_decide
from . import shipment_step
from . import shipment_register
from . import return_agree
from . import supplier_step
