from . import visit_analysis
