"""One formula for both kinds of arrays: NumPy's on the CPU, PyTorch's elsewhere.

Arrays here are small, and on the CPU a call of NumPy costs a third of one of PyTorch.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rlxent_core import compiled

NUMPYS = frozenset({"cpu"})
"""Kinds of devices whose memory NumPy can work on."""

MANY = 2**14
"""Numbers from which PyTorch's sums by index are faster than NumPy's, in the same order."""
ADDED = 512
"""Most numbers that a thread of an accelerator adds up, where they are many."""
FEW = 256
"""Longest axis that ``einsum`` surely takes in one piece; it cuts what it reads every 8192."""


def on_cpu(x: Tensor | torch.device) -> bool:
    """Whether NumPy can work on the memory of ``x``: if not, nothing may wait for the device."""
    device = x.device if isinstance(x, Tensor) else x
    return device.type in NUMPYS


def native(x: Tensor) -> Any:
    """NumPy's view of the memory of ``x`` on the CPU, elsewhere ``x`` itself without a graph.

    Both understand operators, ``sum(axis)``, indexing, ``@`` and ``mT`` alike.
    """
    if x.requires_grad:
        x = x.detach()
    return x.numpy() if on_cpu(x) else x


def native_like(x: Tensor, other: Tensor) -> Any:
    """:func:`native` of ``x``, in the precision of ``other``."""
    if on_cpu(x):
        return native(x).astype(native(other).dtype, order="C")
    return native(x).to(other.dtype)


def unsigned(whole: Tensor) -> Any:
    """The memory of int64 numbers on the CPU, none of them negative, as machine code takes them."""
    return whole.numpy().view(np.uint64)


def tensor(x: Any) -> Tensor:
    """The tensor of what :func:`native` gave."""
    return x if isinstance(x, Tensor) else torch.from_numpy(x)


def tanh_of(x: Any) -> Any:
    """``x`` itself, of either kind of array, each number replaced by its tanh."""
    return torch.tanh_(x) if isinstance(x, Tensor) else np.tanh(x, x)


def multiply(x: Any, y: Any, into: Any) -> Any:
    """``into``, of the same kind of array as the others: no memory is taken for the product."""
    return (torch if isinstance(x, Tensor) else np).multiply(x, y, out=into)


def sum_states(x: Any) -> Any:
    """Over the states of [N, S, ...] of either kind of array: [N, ...]."""
    return x.sum(1) if isinstance(x, Tensor) else np.einsum("ns...->n...", x)


def sum_last(x: Any) -> Any:
    """Over the last axis of either kind of array, in the same order for one run or many."""
    if isinstance(x, Tensor) or x.shape[-1] > FEW:
        return x.sum(-1)
    return np.einsum("...i->...", x)  # a third of the time where that axis is short


def sum_actions(x: Any) -> Any:
    """Over the last axis of either kind of array, where it is short, from the first to the last."""
    return x.sum(-1) if isinstance(x, Tensor) else reduce(np.add, np.moveaxis(x, -1, 0))


def sum_rows(x: Any, rows: Any, into: Any) -> None:
    """Sums of those of ``x`` [N, S, A] that have the same row, rows [S]: ``into`` [N, R, A]."""
    into[...] = 0
    if isinstance(x, Tensor):
        into.index_add_(1, rows, x)
    else:
        np.add.at(into.swapaxes(0, 1), rows, x.swapaxes(0, 1))


def code_for(*arrays: Tensor) -> Any:
    """Machine code, if there is any and it can work on the memory of all of these; else None."""
    code = compiled.code
    if code is None or not all(on_cpu(x) and x.is_contiguous() for x in arrays):
        return None
    return code


def sum_by_index(index: Tensor, values: Tensor, size: int) -> Tensor:
    """Sums of ``values`` [..., n] that have the same whole number ``index`` [n]: [..., size].

    float64.  The order of every sum is that of the values; on an accelerator it is another one
    that depends on the shapes alone, and nothing is waited for.
    """
    if on_cpu(values) and values.dim() == 1 and len(values) < MANY:
        return torch.from_numpy(np.bincount(index.numpy(), values.numpy(), size))
    if on_cpu(values):
        sums = torch.zeros(*values.shape[:-1], size, dtype=torch.float64)
        return sums.scatter_add_(-1, index.expand_as(values), values)
    # One sum is made by one thread, so each is made in many parts.
    many = len(index)
    parts = max(1, min(many // ADDED, 4 * many // size))
    if parts > 1:
        index = torch.arange(many, device=index.device).remainder_(parts).mul_(size).add_(index)
    shape = *values.shape[:-1], parts, size
    sums = torch.zeros(shape, dtype=torch.float64, device=values.device)
    for into, own in zip(sums.view(-1, parts * size), values.reshape(-1, many), strict=True):
        into.index_put_((index,), own, accumulate=True)
    return sums.sum(-2)
