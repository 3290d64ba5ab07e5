from . import app
from . import code
from . import portal_service
