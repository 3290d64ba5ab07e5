from . import phrase
