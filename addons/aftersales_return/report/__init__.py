from . import return_papers
from . import return_analysis
from . import return_analysis_sources
