from . import test_appliance
from . import test_car
from . import test_data
from . import test_demo
from . import test_electronics
from . import test_translations
