from . import app
from . import app_page
from . import code
from . import portal_service
from . import tracking
