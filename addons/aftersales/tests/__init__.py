from . import test_access
from . import test_analysis
from . import test_asset
from . import test_order
from . import test_performance
from . import test_order_invoice
from . import test_order_parts
from . import test_report
