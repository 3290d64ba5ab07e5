from . import approve
from . import complete
from . import reason
