"""Weighing of guarantees in plain Python: no ORM, no clock, no database.

The same facts give the same answer, to the letter. The models bring the facts and
keep the answer; see ``models/engine.py``.
"""

from .coverage import decide
from .deduction import get_refund
from .rights import get_rights
from .terms import count_repair_days, get_last_day
