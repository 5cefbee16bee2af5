"""Tells the faults of an accelerator from all others, by what PyTorch says of them.

No import of torch: its exceptions are known by their names.
"""

from __future__ import annotations

import re

OUT_OF_MEMORY = "out of memory"
LONGEST = 120
_SPEAKERS = re.compile(r"\b(CUDA|cuDNN|CUDNN|cuBLAS|CUBLAS|CUSOLVER|NVRTC|HIP|MPS)(?![a-z])")


def device_fault(error: Exception) -> str:
    """What the device said, in one line; empty where the error is none of a device."""
    name, text = type(error).__name__, str(error).strip()
    if not isinstance(error, RuntimeError):
        return ""
    if name not in ("OutOfMemoryError", "AcceleratorError") and not _SPEAKERS.search(text):
        return ""
    if name == "OutOfMemoryError" or OUT_OF_MEMORY in text:
        return OUT_OF_MEMORY
    return short(text) or name


def short(text: str) -> str:
    """The first line of a message, as a sentence can hold it."""
    line = text.strip().partition("\n")[0].rstrip(" .")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
