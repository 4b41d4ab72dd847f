"""Which of the course's modules some code leads to: those that it imports, and those that they import in turn.

A package whose ``__init__.py`` does nothing but import names, such as :mod:`functional_course.checks`, is not one thing
to rest on: code that takes a name from it leads to the module that defines the name, and to no other. Where it can't be
told which names are taken, all of the package counts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path

_Origins = Mapping[str, tuple[str, str]]
_Used = Callable[[], set[str] | None]
"""Which names are used of a module; None where that can't be told."""


def reached(code: str, package: Path) -> set[Path]:
    """The files of the modules that code leads to.

    Args:
        code: Python.
        package: the folder of the course's package. What is imported from elsewhere doesn't count.

    Raises:
        SyntaxError: the code is no Python.

    Example:

    >>> from functional_course.notebooks.rests_on import PACKAGE
    >>> sorted(path.name for path in reached("from functional_course.writing import write_whole", PACKAGE))
    ['__init__.py', 'quiet.py', 'writing.py']
    """
    found: set[Path] = set()
    waiting = list(_led_to(code, package))
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _led_to(module.read_text(encoding="utf-8"), package)
    return found


@lru_cache(maxsize=1024)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


@lru_cache(maxsize=1024)
def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    """The imports of a module, wherever they stand in it."""
    return [node for node in ast.walk(_parsed(source)) if isinstance(node, ast.Import | ast.ImportFrom)]


def _led_to(source: str, package: Path) -> Iterator[Path]:
    """The files that one module's imports lead to at once."""
    for node in _imports(source):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module(alias.name, partial(_attributes, source, alias.asname or ""), package)
        elif node.module and not node.level:
            for alias in node.names:
                used = partial(_attributes, source, alias.asname or alias.name)
                yield from _name(node.module, alias.name, used, package)


def _name(module: str, name: str, used: _Used, package: Path) -> Iterator[Path]:
    """What ``from module import name`` leads to, where these attributes of the name are used."""
    if _file(f"{module}.{name}", package):
        yield from _module(f"{module}.{name}", used, package)
    else:
        yield from _module(module, lambda: None if name == "*" else {name}, package)


def _module(name: str, used: _Used, package: Path) -> Iterator[Path]:
    """What a module leads to of which these names are used, with the packages around it."""
    parts = name.split(".")
    for end in range(1, len(parts)):
        around = _file(".".join(parts[:end]), package)
        if around and _origins(around) is None:
            yield around
    path = _file(name, package)
    origins = _origins(path) if path else None
    names = used() if origins is not None else None
    if origins is not None and names is not None and names <= origins.keys():
        for each in names:
            of, name = origins[each]
            yield from _name(of, name, _unknown, package)
    elif path:
        yield path


def _unknown() -> None:
    """Nobody knows which names are used, so all are."""


@lru_cache(maxsize=4096)
def _attributes(source: str, name: str) -> set[str] | None:
    """The attributes that are read of a name; None where it is used in other ways, or nowhere: others may take it."""
    nodes = list(ast.walk(_parsed(source)))
    whole = {id(node) for node in nodes if isinstance(node, ast.Name) and node.id == name}
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Attribute) and id(node.value) in whole and isinstance(node.ctx, ast.Load):
            whole.discard(id(node.value))
            found.add(node.attr)
    return None if whole else found or None


def _origins(path: Path) -> _Origins | None:
    """Where a package's ``__init__.py`` has its names from, if it does nothing but import them; otherwise None."""
    if path.name != "__init__.py":
        return None
    origins: dict[str, tuple[str, str]] = {}
    for node in _parsed(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            origins |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif not _says_nothing(node):
            return None
    return origins if "*" not in origins else None


def _says_nothing(node: ast.stmt) -> bool:
    """A docstring, or the list of the names."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return (
        isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["__all__"]
        and isinstance(node.value, ast.List | ast.Tuple)
    )


def _file(name: str, package: Path) -> Path | None:
    """The file of a module of the course's package, if there is one."""
    first, *rest = name.split(".")
    if first != package.name:
        return None
    place = package.joinpath(*rest)
    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if path.is_file() and package in path.parents:
            return path
    return None
