"""One formula for both kinds of arrays: NumPy's on the CPU, PyTorch's elsewhere.

Arrays here are small, and on the CPU a call of NumPy costs a third of one of PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import torch
from torch import Tensor

P = ParamSpec("P")


def numpy_on_cpu(formula: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """Hand a ``formula`` of tensors their NumPy arrays when the first one is on the CPU.

    It may only use what both kinds of arrays understand alike: operators, ``sum(axis)``,
    indexing.  Its tensors must not ask for gradients.
    """

    @wraps(formula)
    def either(*args: P.args, **kwargs: P.kwargs) -> Tensor:
        first: Any = args[0]
        if first.device.type != "cpu":
            return formula(*args, **kwargs)
        arrays: Any = [a.numpy() if isinstance(a, Tensor) else a for a in args]
        return torch.from_numpy(formula(*arrays, **kwargs))

    return either
