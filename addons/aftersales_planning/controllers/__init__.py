from . import portal_visit
from . import portal_booking
from . import lounge
