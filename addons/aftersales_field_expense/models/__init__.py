from . import res_company
from . import res_config_settings
from . import hr_expense
from . import account_move_line
from . import visit
from . import order
