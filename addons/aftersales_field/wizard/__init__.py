from . import order_answer
from . import visit_find
from . import visit_step
from . import form_month
from . import reason
