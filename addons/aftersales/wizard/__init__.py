from . import approve
from . import complete
from . import reason
from . import stock_return_picking
