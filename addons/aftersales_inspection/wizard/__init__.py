from . import inspect
from . import reason
from . import warn
