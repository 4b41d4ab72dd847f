"""The titles that a test gives its criteria by itself, whatever the answers are.

Once an answer has seen hidden inputs, a title may be said only if it is one of these: the answer could have a hand in
any other. So ``f"with {n} rows"`` is said where the test's own loop gives ``n``, and ``f"output {layer.name}"`` is not.

Reads the teacher's texts only, and runs none of them. Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functional_course.grading.analysis.scope import python_of

MOST = 2_000
"""Values that a name or a title may have."""

_PLAIN = (str, int, float, bool, type(None))
_LONGEST = 500
_OPERATORS = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Mod: lambda one, other: one % other,
}


class _Unknown(Exception):
    """A value may be anything."""


def own_titles(test: str, given: Sequence[str] = ()) -> frozenset[str]:
    """The titles of a test's criteria, of those that follow from what the teacher wrote.

    Args:
        test: the test cell.
        given: the teacher's cells before it.

    Example:

    >>> sorted(own_titles("for n in (2, 3):\\n    with rubric.criterion(1, f'{n} rows'):\\n        pass"))
    ['2 rows', '3 rows']
    >>> own_titles("with rubric.criterion(1, f'{model.name}'):\\n    pass")
    frozenset()
    """
    trees = [tree for tree in map(_tree, (*given, test)) if tree is not None]
    if not trees:
        return frozenset()
    names = _Names(trees)
    found: set[str] = set()
    for node in ast.walk(trees[-1]):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "criterion":
            title = next((each.value for each in node.keywords if each.arg == "title"), None)
            title = node.args[1] if title is None and len(node.args) > 1 else title
            try:
                found.update(text for text in _values(title, names) if isinstance(text, str))
            except _Unknown:
                continue
    return frozenset(found)


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(python_of(source))
    except (SyntaxError, ValueError, RecursionError):
        return None


@dataclass(frozen=True)
class _Binding:
    """One place that binds a name: to an expression, to what a loop over one gives, or to a part of that."""

    expression: ast.expr
    loops: bool
    path: tuple[int, ...] = ()


class _Names:
    """What the names of some cells can stand for, as far as every place that binds one says it in so many words."""

    def __init__(self, trees: Sequence[ast.Module]) -> None:
        self._bindings: dict[str, list[_Binding]] = {}
        self._known: dict[str, list[Any] | None] = {}
        plain: set[int] = set()
        nodes = [node for tree in trees for node in ast.walk(tree)]
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(target, _Binding(node.value, False), plain)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._bind(node.target, _Binding(node.value, False), plain)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self._bind(node.target, _Binding(node.iter, True), plain)
        self._other = {name for node in nodes for name in _binds(node, plain)}

    def _bind(self, target: ast.expr, binding: _Binding, plain: set[int]) -> None:
        if isinstance(target, ast.Name):
            plain.add(id(target))
            self._bindings.setdefault(target.id, []).append(binding)
        elif isinstance(target, (ast.Tuple, ast.List)) and not _has_star(target):
            for place, part in enumerate(target.elts):
                self._bind(part, replace(binding, path=(*binding.path, place)), plain)

    def of(self, name: str) -> list[Any]:
        """The values that a name can have.

        Raises:
            _Unknown: any.
        """
        if name not in self._known:
            self._known[name] = None  # also while it is found out: what depends on itself may be anything
            with contextlib.suppress(_Unknown):
                found = [each for part in self._expressions(name) for each in _values(part, self)]
                self._known[name] = list(dict.fromkeys(found)) if len(found) <= MOST else None
        values = self._known[name]
        if not values:
            raise _Unknown
        return values

    def _expressions(self, name: str) -> list[ast.expr]:
        if name in self._other:
            raise _Unknown
        found = []
        for binding in self._bindings.get(name, ()):
            parts = self._items(binding.expression) if binding.loops else [binding.expression]
            for place in binding.path:
                sequences = [part for part in parts if isinstance(part, (ast.Tuple, ast.List))]
                if len(sequences) < len(parts) or not all(place < len(each.elts) for each in sequences):
                    raise _Unknown
                parts = [each.elts[place] for each in sequences]
            found += parts
        return found

    def _items(self, looped: ast.expr, depth: int = 0) -> list[ast.expr]:
        """What a loop goes through."""
        if depth > 10:
            raise _Unknown
        if isinstance(looped, (ast.Tuple, ast.List, ast.Set)) and not _has_star(looped):
            return list(looped.elts)
        if isinstance(looped, ast.Name):
            # Whatever a list became since: a title that does not follow from this is not said.
            return [each for part in self._expressions(looped.id) for each in self._items(part, depth + 1)]
        if isinstance(looped, ast.Dict) and None not in looped.keys:
            return [key for key in looped.keys if key is not None]
        if isinstance(looped, ast.Call) and not looped.keywords:
            if isinstance(looped.func, ast.Attribute) and looped.func.attr == "items":
                return self._pairs(looped.func.value)
            if isinstance(looped.func, ast.Name):
                return self._called(looped.func.id, looped.args, depth + 1)
        raise _Unknown

    def _pairs(self, looped: ast.expr) -> list[ast.expr]:
        through = self._expressions(looped.id) if isinstance(looped, ast.Name) else [looped]
        pairs: list[ast.expr] = []
        for each in through:
            if not isinstance(each, ast.Dict):
                raise _Unknown
            for key, value in zip(each.keys, each.values, strict=True):
                if key is None:
                    raise _Unknown
                pairs.append(ast.Tuple([key, value], ast.Load()))
        return pairs

    def _called(self, name: str, args: list[ast.expr], depth: int) -> list[ast.expr]:
        if name == "range":
            numbers = [_value(each, {}) for each in args]
            whole = all(type(each) is int for each in numbers) and 0 not in numbers[2:]
            if not whole or not 0 < len(args) < 4 or len(range(*numbers)) > MOST:
                raise _Unknown
            return [ast.Constant(number) for number in range(*numbers)]
        through = [self._items(each, depth) for each in args]
        if name == "enumerate" and len(args) == 1:
            return [ast.Tuple([ast.Constant(place), each], ast.Load()) for place, each in enumerate(through[0])]
        if name == "zip":
            return [ast.Tuple(list(each), ast.Load()) for each in zip(*through, strict=False)]
        raise _Unknown


def _has_star(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Starred) for each in getattr(node, "elts", ()))


def _binds(node: ast.AST, plain: set[int]) -> Iterator[str]:
    """The names that a node binds to who knows what."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in plain:
        yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _values(node: ast.expr | None, names: _Names) -> list[Any]:
    """What an expression can be.

    Raises:
        _Unknown: anything.
    """
    if node is None:
        raise _Unknown
    read = sorted({each.id for each in ast.walk(node) if isinstance(each, ast.Name)})
    choices = [names.of(name) for name in read]
    if math.prod(map(len, choices)) > MOST:
        raise _Unknown
    return [_value(node, dict(zip(read, chosen, strict=True))) for chosen in itertools.product(*choices)]


_CONVERSIONS: Mapping[int, Callable[[Any], Any]] = {-1: lambda each: each, 115: str, 114: repr, 97: ascii}
"""What ``!s``, ``!r`` and ``!a`` in an f-string make of a value, by their numbers in the tree."""


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    value: Any = None
    try:
        if isinstance(node, ast.Constant):
            value = node.value
        elif isinstance(node, ast.Name):
            value = names[node.id]
        elif isinstance(node, ast.JoinedStr):
            value = "".join(_value(each, names) for each in node.values)
        elif isinstance(node, ast.FormattedValue):
            given = _value(node.value, names)
            given = _CONVERSIONS[node.conversion](given)
            spec = _value(node.format_spec, names) if node.format_spec is not None else ""
            value = format(given, spec)
        elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            one, other = _value(node.left, names), _value(node.right, names)
            if isinstance(node.op, ast.Mult) and not all(type(each) in (int, float) for each in (one, other)):
                raise _Unknown
            value = _OPERATORS[type(node.op)](one, other)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = -_value(node.operand, names)
        else:
            raise _Unknown
        if type(value) not in _PLAIN or len(str(value)) > _LONGEST:
            raise _Unknown
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise _Unknown from error
    return value
