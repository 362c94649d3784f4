"""One recorded forward pass, and every gradient asked of it."""

from .fast.memory import out_of_memory
from .forward_pass import ForwardPass
from .many_runs import ManyRuns
from .silenced import silenced_pass, silencing
from .unit_gradient import unit_gradient

__all__ = [
    "ForwardPass",
    "ManyRuns",
    "out_of_memory",
    "silenced_pass",
    "silencing",
    "unit_gradient",
]
