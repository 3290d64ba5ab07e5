from . import portal_booking
from . import lounge
