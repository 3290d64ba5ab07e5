from . import follow_up
from . import reason
from . import refusal_wizard
