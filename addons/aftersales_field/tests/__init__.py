from . import test_engine_plans
from . import test_demo
from . import test_engine_route
from . import test_visit
from . import test_recurring
from . import test_contract
