from .service import Cycle, Next, Step, find_next
