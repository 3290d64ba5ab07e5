from . import intervals, moments, search
