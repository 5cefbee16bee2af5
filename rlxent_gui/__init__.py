"""The window, and the program's entry."""

import os

# NumPy's matrix library asks for this once, when it is loaded.  Its threads cost more than they
# give on matrices this small, most of all beside other work, and sums would depend on their number.
for variable in (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"
):
    os.environ.setdefault(variable, "1")
