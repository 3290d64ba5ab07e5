from . import test_engine_route
from . import test_visit
