from . import order_answer
from . import visit_find
from . import visit_step
