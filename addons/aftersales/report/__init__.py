from . import analysis_mixin
from . import analysis
from . import papers
