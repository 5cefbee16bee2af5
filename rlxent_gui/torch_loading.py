"""Torch comes in after its libraries have been loaded with the interpreter released, so that the
window lives meanwhile."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

from rlxent_gui.interpreter import changing_hands_often


def load_torch() -> None:
    """Import torch while the window's thread goes on.

    The shared libraries are loaded first, through a foreign call: that releases the interpreter,
    which ``ctypes.CDLL`` itself, opening them, does not.  The import that follows finds them in
    memory.  What cannot be loaded ahead is simply loaded by the import.
    """
    with changing_hands_often():
        spec = importlib.util.find_spec("torch")
        if spec is not None and spec.submodule_search_locations and "torch" not in sys.modules:
            folder = Path(next(iter(spec.submodule_search_locations))) / "lib"
            for name in ("c10", "torch_cpu", "torch", "torch_python"):
                if not _load_library(folder, name):
                    break
        import torch

    torch.set_num_threads(1)


def _load_library(folder: Path, name: str) -> bool:
    """Whether the library is in memory now; the interpreter is released meanwhile."""
    if sys.platform == "win32":
        load = ctypes.WinDLL("kernel32").LoadLibraryExW
        load.argtypes = (ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32)
        load.restype = ctypes.c_void_p
        # LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS
        return bool(load(str(folder / f"{name}.dll"), None, 0x100 | 0x1000))
    suffix = "dylib" if sys.platform == "darwin" else "so"
    load = ctypes.CDLL(None).dlopen
    load.argtypes = (ctypes.c_char_p, ctypes.c_int)
    load.restype = ctypes.c_void_p
    return bool(load(str(folder / f"lib{name}.{suffix}").encode(), os.RTLD_LAZY))
