from . import test_analysis
from . import test_asset
from . import test_order
