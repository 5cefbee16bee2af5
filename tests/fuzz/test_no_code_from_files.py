"""Nothing that is read is ever carried out: no module has the means to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for package in ("rlxent_gui", "core/rlxent_core", "resources/rlxent_resources")
    for path in (ROOT / package).rglob("*.py")
)  # fmt: skip
MODULES = {
    "pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "dbm",
    "code", "codeop", "runpy", "imp", "yaml", "ruamel", "subprocess", "socket", "urllib", "http",
    "xml", "tarfile", "zipfile", "multiprocessing",
}  # fmt: skip
"""What makes objects or code of bytes, or reaches beyond the machine."""
IMPORTLIB = {"importlib.metadata", "importlib.resources", "importlib.resources.abc",
             "importlib.util"}  # fmt: skip
"""What finds parts of the program itself."""
NAMES = {"eval", "exec", "compile", "__import__", "breakpoint"}
CALLS = {
    "import_module", "exec_module", "load_module", "spec_from_file_location", "literal_eval",
    "system", "popen", "fromfile", "memmap", "loadtxt", "genfromtxt", "unpackb", "jit_load",
}  # fmt: skip
LOADERS = {"np", "numpy", "torch", "jit", "jax", "yaml"}
"""Whose ``load`` may make objects of a file."""


def means(source: str) -> Iterator[str]:
    """What in a module's text could carry out what a file says."""
    tree = ast.parse(source)
    named = {id(node.func) for node in ast.walk(tree) if _imports_by_a_fixed_name(node)}
    for node in ast.walk(tree):
        if id(node) in named:
            continue
        match node:
            case ast.Import(names=names):
                yield from (n.name for n in names if _forbidden(n.name))
            case ast.ImportFrom(module=str(module), level=0):
                whole = [module, *(f"{module}.{alias.name}" for alias in node.names)]
                if _forbidden(module) and not any(name in IMPORTLIB for name in whole):
                    yield module
            case ast.Name(id=str(name)) if name in NAMES:
                yield name
            case ast.Attribute(attr=str(name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(attr="load", value=owner)):
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if name in LOADERS and not _safely(node, name):
                    yield f"{name}.load"
            case ast.keyword(arg="allow_pickle", value=value) if not _is(value, False):
                yield "allow_pickle"


def _imports_by_a_fixed_name(node: ast.AST) -> TypeGuard[ast.Call]:
    """A part of the program itself, whatever any file says."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name))]
        ):
            return name.startswith("rlxent_")
    return False


def _forbidden(module: str) -> bool:
    if module.split(".")[0] == "importlib":
        return module not in IMPORTLIB
    return module.split(".")[0] in MODULES


def _safely(call: ast.Call, owner: str) -> bool:
    """torch.load of plain numbers; np.load refuses pickles unless it is told otherwise."""
    if owner in ("np", "numpy"):
        return True
    return any(word.arg == "weights_only" and _is(word.value, True) for word in call.keywords)


def _is(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_no_module_can_carry_out_what_it_reads() -> None:
    found = {path: list(means(path.read_text(encoding="utf-8"))) for path in SOURCES}
    assert not {path: what for path, what in found.items() if what}


def test_the_sources_are_looked_at() -> None:
    """All three packages, so that the test before is about something."""
    assert len(SOURCES) > 200
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == {
        "rlxent_gui", "core", "resources"}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from pickle import loads", "import marshal as m", "import shelve",
        "def f():\n    from importlib import import_module", "import importlib\n",
        "import yaml\nyaml.safe_load(x)", "eval(text)", "exec(text)", "x = [eval]",
        "__import__(name)", "importlib.import_module(name)", 'importlib.import_module("os")',
        "os.system(text)",
        "torch.load(path)", "torch.load(path, weights_only=False)", "torch.jit.load(path)",
        "np.load(path, allow_pickle=True)", "np.load(path, allow_pickle=flag)",
        "ast.literal_eval(text)",
        "import subprocess", "import xml.etree.ElementTree",
    ],
)  # fmt: skip
def test_the_means_are_seen(source: str) -> None:
    assert list(means(source))


@pytest.mark.parametrize(
    "source",
    [
        "from importlib.metadata import entry_points", "import importlib.util",
        'importlib.import_module("rlxent_core.machine_code")', "from importlib import resources",
        "torch.load(path, weights_only=True)", "np.load(path)",
        "np.load(path, allow_pickle=False)", "json.load(file)", "re.compile(text)",
    ],
)  # fmt: skip
def test_what_is_harmless_is_let_be(source: str) -> None:
    assert not list(means(source))
