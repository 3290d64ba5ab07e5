from . import order_answer
