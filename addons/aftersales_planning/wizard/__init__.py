from . import book
from . import clock_correct
