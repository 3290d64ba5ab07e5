from . import follow_up
from . import reason
