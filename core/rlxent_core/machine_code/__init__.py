"""What costs most of an update as loops in machine code, compiled when this is imported.

The only package that imports Numba: :mod:`rlxent_core.compiled` decides when.  Everything is drawn,
looked up and calculated in the order of the arrays' way, so the bits are the same.  Whole numbers
are unsigned: of signed ones Numba asks at each index whether it is negative.
"""

from rlxent_core.machine_code.dynamic import back
from rlxent_core.machine_code.learning import (
    adam,
    divide_by_total,
    less_greatest,
    logit_cotangent,
    through_tanh,
)
from rlxent_core.machine_code.walking import walk
from rlxent_core.machine_code.weighing import (
    centre,
    count_alive,
    discounted_sums,
    doubled_sums,
    gae,
    less_leave_one_out,
    look_up,
    scores,
    tally,
    z_scores,
)

__all__ = [
    "adam", "back", "centre", "count_alive", "discounted_sums", "divide_by_total",
    "doubled_sums", "gae", "less_greatest", "less_leave_one_out", "logit_cotangent", "look_up",
    "scores", "tally", "through_tanh", "walk", "z_scores",
]
