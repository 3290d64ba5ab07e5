from . import order_answer
from . import visit_find
