"""Dynamic programming for many policies at once."""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, void

from rlxent_core.machine_code.types import CUBE, PLANE, WHOLE_PLANE


@njit(cache=True)
def _copy(rows: Any, into: Any) -> None:
    """The first rows of ``into``: Numba compiles an assignment of arrays for five seconds."""
    for s in range(len(rows)):
        for n in range(rows.shape[1]):
            into[s, n] = rows[s, n]


@njit(
    void(CUBE, WHOLE_PLANE, PLANE, CUBE, int64),
    nogil=True,
    cache=True,
)
def back(discounted: Any, leads_to: Any, reward: Any, values: Any, steps: int) -> None:
    """V_0 of N policies from V_steps, and what is between: ``values`` [R, S, N].

    Row t is V_t, or with R = 2 row t mod 2.  ``discounted`` [J, S, N] are the outcomes'
    probabilities times γ, ``leads_to`` [J, S] is S for the end, ``reward`` [S, N].  Ends once
    nothing changes any more.
    """
    n_rows, n_states, n_policies = values.shape
    after = np.zeros((n_states + 1, n_policies))
    _copy(values[steps % n_rows], after)
    for t in range(steps - 1, -1, -1):
        now, changed = values[t % n_rows], False
        for s in range(n_states):
            there, own = after[leads_to[0, s]], now[s]
            for n in range(n_policies):
                own[n] = there[n] * discounted[0, s, n]
            for j in range(1, len(leads_to)):
                there = after[leads_to[j, s]]
                for n in range(n_policies):
                    own[n] += there[n] * discounted[j, s, n]
            for n in range(n_policies):
                own[n] += reward[s, n]
                changed |= own[n] != after[s, n]
        _copy(now, after)
        if not changed:
            for earlier in range(t if n_rows > 2 else 0):
                _copy(now, values[earlier])
            break
