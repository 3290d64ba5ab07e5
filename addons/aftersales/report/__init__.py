from . import analysis
from . import papers
