from . import test_belonging
from . import test_finding
from . import test_inspection
from . import test_phrase
from . import test_quality
from . import test_template
