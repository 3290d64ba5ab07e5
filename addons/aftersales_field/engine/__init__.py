"""Planning of a day of visits; plain Python, no Odoo in it.

``distance`` measures, ``route`` has the data, the check and the figures, ``search``
plans a day, ``urgent`` makes room in one that has begun; ``day`` is below them.
"""

from .distance import get_distance, get_distances, get_travel
from .route import Call, Engineer, Plan, Stop, Weights, check, figures
from .search import nearest_first, optimise
from .urgent import Alternative, Change, insert_urgent
