"""An accelerator that is none: the CPU's memory, of which PyTorch is told that it lies elsewhere.

Code takes the ways it takes on a GPU.  What really lies on the CPU and what "lies on the device"
must not be mixed, NumPy cannot look at it, and the device can fail: once, or for good like a CUDA
context after an error, when nothing that lies there can be read any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from rlxent_core import device_walk

OOM = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB."
DEAD = (
    "CUDA error: device-side assert triggered\n"
    "CUDA kernel errors might be asynchronously reported at some other API call."
)
ELSEWHERE = {Tensor.cpu, Tensor.to, Tensor.copy_, Tensor.__getitem__, Tensor.__setitem__}
"""What may have arguments on both devices."""
FREE = {"device", "_parse_to", "_has_compatible_shallow_copy_type"}
"""Functions that ask no device anything."""
LOOKS = {"shape", "ndim", "dtype", "device", "requires_grad", "is_leaf", "grad_fn", "layout"}
"""What is known of a tensor without asking the device."""


class Generator(torch.Generator):
    """Of random numbers on whatever device."""

    def __new__(cls, device: object = "cpu") -> Generator:
        return super().__new__(cls, "cpu")


class FakeCuda(TorchFunctionMode):
    """The device; ``fails(k)`` is asked before its operation number k and names an error, or none.

    ``"oom"`` fails once, ``"dead"`` for ever.  A mode belongs to a thread: it has to be entered in
    the one that trains.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0
        self.dead = False
        self.fails: Callable[[int], str] = lambda operation: ""

    @contextmanager
    def there(self) -> Iterator[FakeCuda]:
        """PyTorch finds the device meanwhile."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch.cuda, "is_available", lambda: True)
            patch.setattr(torch, "Generator", Generator)
            memory = SimpleNamespace(total_memory=2**33)
            patch.setattr(torch.cuda, "get_device_properties", lambda device: memory)
            patch.setattr(device_walk, "REPLAYED_UP_TO", 0)  # it has no graphs
            yield self

    def arm(self, fails: Callable[[int], str]) -> None:
        """Count from now on."""
        self.operations, self.fails = 0, fails

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = _property(func)
        given = list(_tensors((args, kwargs)))
        ours = [x for x in given if _is_ours(x)]
        if name == "device" and ours:
            return torch.device("cuda")
        if name in LOOKS or getattr(func, "__name__", "") in FREE:
            return func(*args, **kwargs)
        wanted = _device(args, kwargs)
        if ours or wanted == "cuda":
            self._operation()
        if ours and func is Tensor.numpy:
            raise TypeError("can't convert cuda:0 device type tensor to numpy.")
        mixed = ours and any(x.dim() and not _is_ours(x) for x in given)
        if mixed and func not in ELSEWHERE and name != "data":
            raise RuntimeError(f"Expected all tensors to be on the same device: {func}")
        if wanted:
            args = tuple("cpu" if _is_device(x) else x for x in args)
            kwargs = {k: "cpu" if k == "device" else x for k, x in kwargs.items()}
        result = func(*args, **kwargs)
        if name == "data" and len(args) == 2:  # it is set
            args[0].lies_on_fake_cuda = _is_ours(args[1])
            return result
        if func is Tensor.copy_:
            return result
        to_cpu = func is Tensor.cpu or wanted == "cpu"
        if func in (Tensor.cpu, Tensor.to) and isinstance(result, Tensor) and (ours or wanted):
            result = result.detach().clone() if not result.requires_grad else result.clone()
        becomes = not to_cpu and (bool(ours) or wanted == "cuda")
        for x in _tensors(result):
            if x.device.type == "cpu" and not any(x is y for y in given):
                x.lies_on_fake_cuda = becomes
        return result

    def _operation(self) -> None:
        if self.dead:
            raise torch.AcceleratorError(DEAD)
        self.operations += 1
        how = self.fails(self.operations)
        if how == "dead":
            self.dead = True
            raise torch.AcceleratorError(DEAD)
        if how == "oom":
            raise torch.OutOfMemoryError(OOM)


def _is_ours(x: Tensor) -> bool:
    return getattr(x, "lies_on_fake_cuda", False)


def _property(func: Any) -> str:
    """The property of a tensor that is asked for, if it is one."""
    owner = getattr(func, "__self__", None)
    is_property = getattr(func, "__name__", "") in ("__get__", "__set__") and owner is not None
    return str(getattr(owner, "__name__", "")) if is_property else ""


def _is_device(x: Any) -> bool:
    return isinstance(x, torch.device) or (isinstance(x, str) and x in ("cuda", "cpu"))


def _device(args: Any, kwargs: Any) -> str:
    """The device that is asked for, if any: of a function or by a tensor to be like."""
    named = [x for x in (*args, kwargs.get("device")) if _is_device(x)]
    return torch.device(named[0]).type if named else ""


def _tensors(x: Any) -> Iterator[Tensor]:
    if isinstance(x, Tensor):
        yield x
    elif isinstance(x, list | tuple):
        for item in x:
            yield from _tensors(item)
    elif isinstance(x, dict):
        yield from _tensors(list(x.values()))
