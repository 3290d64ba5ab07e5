from . import certificate
from . import papers
