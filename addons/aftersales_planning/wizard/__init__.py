from . import clock_correct
