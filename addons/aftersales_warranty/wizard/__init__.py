from . import decision_reason
from . import override
from . import warranty_reason
from . import warranty_step
