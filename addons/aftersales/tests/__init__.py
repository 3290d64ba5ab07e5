from . import test_analysis
from . import test_order
