"""Every public name is really there, and a type checker sees the same one as the program."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlsdk

if TYPE_CHECKING:
    from types import ModuleType

MODULES = ["mlsdk", *sorted(found.name for found in pkgutil.walk_packages(mlsdk.__path__, "mlsdk."))]
PUBLIC = [name for name in MODULES if hasattr(importlib.import_module(name), "__all__")]
LAZY = [name for name in PUBLIC if "__getattr__" in vars(importlib.import_module(name))]


def in_order(name: str) -> tuple[int, str]:
    """The order the linter asks for: CONSTANTS, then Classes, then functions."""
    return (0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2, name)


def statically(module: ModuleType) -> tuple[set[str], dict[str, str]]:
    """The names a module defines outright, and those it imports for type checkers only, with where they come from."""
    assert module.__file__ is not None
    outright: set[str] = set()
    twins: dict[str, str] = {}
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                if isinstance(statement, ast.ImportFrom):
                    for alias in statement.names:
                        twins[alias.asname or alias.name] = f"{statement.module}:{alias.name}"
        elif isinstance(node, ast.Assign):
            outright.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            outright.add(node.target.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            outright.add(node.name)
    return outright, twins


def test_the_public_modules_say_what_they_export() -> None:
    """A user can ask each of the modules with official names what is in it."""
    assert {"mlsdk", "mlsdk.entities", "mlsdk.constants"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_imported(name: str) -> None:
    """`__all__` holds no name that is not there."""
    module = importlib.import_module(name)
    assert [export for export in module.__all__ if not hasattr(module, export)] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_listed_once_and_in_order(name: str) -> None:
    """`__all__` can be searched by eye, and two branches that add to it meet in few places."""
    exports = list(importlib.import_module(name).__all__)
    assert exports == sorted(set(exports), key=in_order)


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_name_is_the_one_type_checkers_see(name: str) -> None:
    """Each name loaded on first use has a twin under `TYPE_CHECKING`, which is the same object."""
    module = importlib.import_module(name)
    outright, twins = statically(module)
    assert sorted(set(module.__all__) - outright - set(twins)) == []
    for export, source in twins.items():
        if export in module.__all__:
            origin, original = source.split(":")
            assert getattr(module, export) is getattr(importlib.import_module(origin), original), export


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_module_lists_its_names(name: str) -> None:
    """`dir()` shows the names that are not loaded yet, so completion works."""
    module = importlib.import_module(name)
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("name", LAZY)
def test_a_name_that_is_not_there_is_an_attribute_error(name: str) -> None:
    """A mistyped name fails as in any other module, with the module and the name."""
    with pytest.raises(AttributeError, match=rf"{name}.*NoSuchName"):
        getattr(importlib.import_module(name), "NoSuchName")  # noqa: B009 - a checker refuses the plain form, rightly
