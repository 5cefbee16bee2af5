"""What the functions take: arrays are C-contiguous, but those named otherwise."""

from __future__ import annotations

from numba import bool_, float32, float64, uint64
from numba.types import Array

LINE, FLOATS = Array(uint64, 1, "C"), Array(float64, 1, "C")
WHOLE_PLANE, PLANE = Array(uint64, 2, "C"), Array(float64, 2, "C")
WHOLE_CUBE, ANY_CUBE = Array(uint64, 3, "C"), Array(float64, 3, "A")
CUBE, HYPERCUBE = Array(float64, 3, "C"), Array(float64, 4, "C")
TRUTHS = Array(bool_, 3, "C")
SINGLE_LINE, SINGLES = Array(float32, 1, "C"), Array(float32, 2, "C")
SINGLE_CUBE = Array(float32, 3, "C")
