from . import visit_analysis
from . import form_report
