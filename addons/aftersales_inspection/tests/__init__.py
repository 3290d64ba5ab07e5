from . import test_phrase
