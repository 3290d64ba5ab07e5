from .distance import get_distance, get_distances, get_travel
from .route import Call, Engineer, Plan, Stop, Weights, check, figures
from .search import nearest_first, optimise
