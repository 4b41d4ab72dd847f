"""Which names of a notebook may change or remember something when they are used, as far as texts tell.

A text tells little of what code does, so this is a list of what does nothing: a function that only reads what it is
given, calls functions of Keras and NumPy that change nothing, and changes only what it has just made itself. All other
code may do anything, and so may whatever is made of it.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functional_course.grading.analysis.effects import INSTALLED, packages
from functional_course.grading.analysis.scope import parsed

_NAMES = frozenset(dir(builtins))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", text))


_GOES_THROUGH = _words("enumerate filter map reversed zip")
"""Functions whose result can be gone through once: it must be where it is made, or else somebody may have done so."""

_BUILTINS = _GOES_THROUGH | _words(
    "abs all any bool dict divmod float frozenset int isinstance issubclass len list max min object pow print "
    "range repr round set slice sorted str sum super tuple type"
)
_BUILTINS |= {
    name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, BaseException)
}

_KERAS = _words(
    "Input KerasTensor Layer Model Sequential activations initializers layers losses models ops optimizers "
    "regularizers utils"
)
_KERAS_UTILS = _words("set_random_seed to_categorical")
"""A seed counts as no change: no verdict hangs on what is drawn."""

_NUMPY = {
    **dict.fromkeys(_words("float32 float64 inf int32 int64 linalg nan ndarray newaxis pi random uint8"), 0),
    **dict.fromkeys(_words("abs cos exp log log10 log2 sign sin sqrt square tanh"), 1),
    **dict.fromkeys(
        _words(
            "all allclose any argmax argmin argsort array array_equal asarray bincount concatenate corrcoef cov "
            "cumsum default_rng diff digitize expand_dims eye flatnonzero isclose isin linspace max maximum mean "
            "median min minimum nonzero norm ones ones_like percentile ptp quantile ravel repeat reshape round "
            "sort squeeze stack std sum tile transpose triu_indices unique var zeros zeros_like"
        ),
        2,
    ),
    **dict.fromkeys(_words("arange delete full where"), 3),
}
"""Functions of NumPy by how many arguments they take by place before they take the array to put the result into."""

_LOOKS = _words(
    "T all any argmax argmin argsort astype bias built compute_output_shape copy count count_params dtype "
    "endswith format from_config get get_config get_layer get_weights history index input input_shape inputs "
    "items join kernel keys layers lower max mean min name ndim numpy output output_names output_shape outputs "
    "predict ravel reshape round shape size split squeeze startswith std strip sum swapaxes tolist trainable "
    "trainable_weights transpose units upper values var weights"
)
"""Attributes and methods that leave what they belong to as it is."""

_REDUCES = _words("all any argmax argmin max mean min round std sum var")
"""Those of which a second argument by place may be what they fill."""

_CHANGES = frozenset().union(*map(dir, (list, dict, set, bytearray, str, BaseException))) | _words(
    "adapt add_loss add_variable add_weight apply apply_gradients assign assign_add assign_sub build "
    "build_from_config byteswap compile compile_from_config evaluate fill fit itemset load_own_variables "
    "load_weights minimize partition put quantize reset_state reset_states resize set_state_tree set_weights "
    "setfield setflags sort stateless_call test_on_batch test_step train_on_batch train_step update_state"
)
"""Methods that may not be handed on without being called, of what Python, NumPy and Keras make."""

_DRAWS = _words("choice integers normal permutation random standard_normal uniform")
_COMPLETES = _words("adapt add compile")
"""What a function may do to a model or a layer that it has just made: nothing is changed that it is made of."""

_OF_LAYERS = _words("__init__ add_weight build call compute_output_shape from_config get_config")

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_OTHER = tuple(
    getattr(ast, name)
    for name in _words(
        "AsyncFor AsyncFunctionDef AsyncWith Await ClassDef Delete Global Import ImportFrom Match Nonlocal "
        "Yield YieldFrom"
    )
)
_SHOWN = (ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def harmful(sources: Sequence[str]) -> frozenset[str]:
    """The names that may change or remember something when they are used.

    Args:
        sources: the cells that make the names of a notebook, in order.

    Example:

    >>> count = "def count(model):\\n    return len(model.layers)"
    >>> freeze = "def freeze(model):\\n    model.trainable = False"
    >>> sorted(harmful(["import keras", count, freeze, "thaw = freeze"]))
    ['freeze', 'thaw']
    """
    statements = [each for source in sources for each in getattr(parsed(source), "body", [])]
    modules, outside, others, defined = _bound(statements)
    defined -= others
    modules = {name: path for name, path in modules.items() if name not in others | defined | outside}
    inert = _inert(statements, modules)
    live = _live(statements, modules, defined, inert)
    found: frozenset[str] = frozenset()
    while True:
        before = found
        for statement in statements:
            found |= _Known(modules, defined, others, outside | found, live, inert).harmful_of(statement)
        if found == before:
            return found


def _inert(statements: Sequence[ast.stmt], modules: Mapping[str, str]) -> frozenset[str]:
    """The names of arrays and of tuples of arrays, as the data sets of the course are."""
    known = {name for name, path in modules.items() if not path.startswith("keras")} | _BUILTINS - _GOES_THROUGH
    found = frozenset().union(*(_stored(each) for each in statements if _is_inert(each)))
    while True:
        before = found
        for each in statements:
            read = {node.id for node in ast.walk(each) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
            if not _is_inert(each) or read - known - found:
                found -= _stored(each)
        if found == before:
            return found


def _is_inert(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and all(isinstance(each, _INERT) for each in ast.walk(statement))


_INERT = tuple(
    getattr(ast, name)
    for name in _words(
        "Assign Attribute BinOp Call Compare Constant Name Slice Subscript Tuple UnaryOp "
        "cmpop expr_context keyword operator unaryop"
    )
)


def _stored(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement binds, and those of what it puts something into."""
    found: set[str] = set()
    for node in _within([statement]):
        if isinstance(node, _DEFINE):
            found.add(node.name)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _names(node) if isinstance(node, ast.Name) else _names(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= _names(node.func.value) if node.func.attr not in _LOOKS else frozenset()
    return frozenset(found)


def _live(
    statements: Iterable[ast.stmt], modules: Mapping[str, str], defined: set[str], inert: frozenset[str]
) -> frozenset[str]:
    """The names of values that may be models, or objects of the notebook's own: to call one may change it."""
    makers = {name for name, path in modules.items() if path.startswith("keras")} | defined
    values = [
        ((_names(each) - inert) | _stored(each)) - modules.keys()
        for each in statements
        if not isinstance(each, _DEFINE)
    ]
    makers_of = [_names(each) & makers for each in statements if not isinstance(each, _DEFINE)]
    found: frozenset[str] = frozenset()
    while True:
        before = found
        for names, made in zip(values, makers_of, strict=True):
            found |= names - defined if made or names & found else frozenset()
        if found == before:
            return found


def _names(statement: ast.AST) -> frozenset[str]:
    names = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
    return frozenset(names) - _NAMES


def _bound(statements: Iterable[ast.stmt]) -> tuple[dict[str, str], set[str], set[str], set[str]]:
    """What is bound to modules that only compute, to others, to values, and to functions and classes."""
    modules: dict[str, str] = {}
    outside: set[str] = set()
    others: set[str] = set()
    defined: set[str] = set()
    for statement in statements:
        for node in (
            [statement] if isinstance(statement, (*_DEFINE, ast.Import, ast.ImportFrom)) else ast.walk(statement)
        ):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for name, path in _imported(node):
                    if _computes(path) and modules.get(name, path) == path:
                        modules[name] = path
                    else:
                        outside.add(name)
            elif isinstance(node, _DEFINE):
                defined.add(node.name)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                others.add(node.id)
    return modules, outside, others, defined


_DEFINE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        else:
            yield (
                alias.asname or alias.name.partition(".")[0],
                alias.name if alias.asname else alias.name.partition(".")[0],
            )


def _computes(path: str, places: int = 0) -> bool:
    """Whether a module, or what is in it, changes nothing, called with so many arguments by place."""
    top, *rest = path.split(".")
    if top == "keras":
        return not rest or (rest[0] in _KERAS and (rest[0] != "utils" or len(rest) < 2 or rest[1] in _KERAS_UTILS))
    if top == "numpy":
        inner = rest[0] not in ("random", "linalg") or rest[1:] in ([], ["default_rng"], ["norm"]) if rest else True
        return inner and all(each in _NUMPY for each in rest) and places <= (_NUMPY[rest[-1]] if rest else 0)
    # What `trained` trains may be a model that is there already.
    return top == "math" or (top == "functional_course" and "seeds" not in rest)


@dataclass(frozen=True)
class _Known:
    """What is known about the names of a notebook where some code stands, and of the code around it."""

    modules: Mapping[str, str]
    defined: set[str]
    values: set[str]
    acting: frozenset[str] | set[str]
    """What may change or remember something when it is used."""
    live: frozenset[str]
    """What may so when a function uses it, but need not when a cell does that runs in any case."""
    inert: frozenset[str]
    """Values that hold nothing which can be called."""
    own: frozenset[str] = frozenset()
    """The names of the functions around it."""
    new: Mapping[str, frozenset[str]] | None = None
    """By the names of what the function itself has made, the methods that count as harmless; None in no function."""
    parts: frozenset[str] = frozenset()
    """What a class puts on its objects."""
    prepares: bool = False
    """Whether it is the method that does so."""

    def harmful_of(self, statement: ast.stmt) -> frozenset[str]:
        """The names that may be harmful because of one statement of a cell."""
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            own = packages(statement) <= INSTALLED
            return frozenset() if own else frozenset(name for name, _ in _imported(statement))
        if isinstance(statement, ast.ClassDef):
            return frozenset() if self._is_fine_class(statement) else frozenset({statement.name})
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return frozenset() if self._is_fine_function(statement) else frozenset({statement.name})
        if self._are_fine(list(_within([statement]))):
            return frozenset()
        return ((_names(statement) - self.inert) | _stored(statement)) - self.modules.keys()

    def _is_fine_class(self, node: ast.ClassDef) -> bool:
        inner = list(ast.walk(node))
        stored = {each.attr for each in inner if isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load)}
        methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        of_keras = any((self._path(each) or "").startswith("keras.") for each in node.bases)
        parts = stored.union(methods, _OF_LAYERS if of_keras else ())
        within = replace(self, parts=frozenset(parts), new={}, acting=self.acting | self.live)
        plain = (ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)
        return (
            not node.keywords
            and all(map(self._is_fine_base, node.bases))
            and all(map(_is_fine_decorator, node.decorator_list))
            and all(isinstance(each, plain) for each in node.body)
            and all(within._is_fine_function(each) for each in node.body if isinstance(each, ast.FunctionDef))
            and within._are_fine([each for each in _within(node.body) if not isinstance(each, ast.FunctionDef)])
        )

    def _is_fine_base(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self.defined - self.acting:
            return True
        path = self._path(node)
        return (path is not None and _computes(path)) or (isinstance(node, ast.Name) and node.id == "object")

    def _is_fine_function(self, node: _Function) -> bool:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        given = node.args
        taken = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = {each.arg for each in taken if each}
        nodes = list(_within(body))
        names |= {each.name for each in nodes if isinstance(each, ast.ExceptHandler) and each.name}
        bound = [each.id for each in nodes if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)]
        inside = replace(
            self,
            acting=self.acting | self.live,
            own=self.own.union(names, bound, (each.name for each in nodes if isinstance(each, ast.FunctionDef))),
            new={
                **{
                    name: ways
                    for name, ways in (self.new or {}).items()
                    if ways == _DRAWS and name not in {*names, *bound}
                },
                **{name: ways for name, ways in self._made_in(nodes, bound).items() if name not in names},
            },
            prepares=self._prepares(node),
        )
        before = [*given.defaults, *filter(None, given.kw_defaults)]
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        return (
            not isinstance(node, ast.AsyncFunctionDef)
            and "self" not in bound
            and all(map(_is_fine_decorator, decorators))
            and replace(inside, own=self.own, new={})._are_fine(list(_within(before)))
            and inside._are_fine(nodes)
        )

    def _prepares(self, node: _Function) -> bool:
        """Whether a method of a class completes a new object."""
        if isinstance(node, ast.Lambda) or node.decorator_list or [each.arg for each in node.args.args][:1] != ["self"]:
            return False
        return bool(self.parts) and node.name in (
            ("__init__", "build") if "add_weight" in self.parts else ("__init__",)
        )

    def _made_in(self, nodes: Iterable[ast.AST], bound: Sequence[str]) -> dict[str, frozenset[str]]:
        """The names that stand for nothing but what the function itself makes, and what it may do to that."""
        made: dict[str, frozenset[str]] = {}
        times: dict[str, int] = {}
        for node in nodes:
            ways = self._ways_of(node.value) if isinstance(node, ast.Assign) else _ANY
            for target in [node.target] if isinstance(node, ast.AugAssign) else getattr(node, "targets", []):
                if isinstance(target, ast.Name) and ways is not None:
                    made[target.id] = made.get(target.id, ways) & ways
                    times[target.id] = times.get(target.id, 0) + 1
        return {name: ways for name, ways in made.items() if times[name] == bound.count(name)}

    def _ways_of(self, value: ast.expr) -> frozenset[str] | None:
        """What may be done to a value by whoever made it; None if it may have been there before."""
        if isinstance(value, _SHOWN):
            return _ANY
        if not isinstance(value, ast.Call):
            return None
        if isinstance(value.func, ast.Name) and value.func.id in ("dict", "list", "set"):
            return _ANY
        path = self._path(value.func) or ""
        if path == "numpy.random.default_rng":
            return _DRAWS
        return _COMPLETES if path.startswith("keras.") and path.rpartition(".")[2][:1].isupper() else None

    def _are_fine(self, nodes: Sequence[ast.AST]) -> bool:
        called = {id(each.func): each for each in nodes if isinstance(each, ast.Call)}
        used_up = set(map(id, _used_up(nodes)))
        return all(self._is_fine(each, called.get(id(each)), id(each) in used_up) for each in nodes)

    def _is_fine(self, node: ast.AST, call: ast.Call | None, used_up: bool) -> bool:
        if isinstance(node, _OTHER):
            return False
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            return self._is_fine_function(node)
        if isinstance(node, ast.GeneratorExp):
            return used_up
        if isinstance(node, ast.Call):
            once = isinstance(node.func, ast.Name) and node.func.id in _GOES_THROUGH
            return (used_up or not once) and all(each.arg not in ("file", "out") for each in node.keywords)
        if isinstance(node, ast.AugAssign) and self.new is not None:
            return isinstance(node.target, ast.Name) and self.new.get(node.target.id) == _ANY
        if isinstance(node, ast.Name):
            return not isinstance(node.ctx, ast.Load) or self._is_fine_name(node.id, call)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            return self._may_change(node)
        return not isinstance(node, ast.Attribute) or self._is_fine_attribute(node, call)

    def _is_fine_name(self, name: str, call: ast.Call | None) -> bool:
        if name in self.own:
            return True
        if name in self.modules:
            return _computes(self.modules[name], len(call.args) if call else 0)
        return name not in self.acting and (name in self.defined or name in self.values or name in _BUILTINS)

    def _may_change(self, node: ast.Attribute | ast.Subscript) -> bool:
        if self.new is None:  # a cell that runs in any case
            return True
        if not isinstance(node.value, ast.Name):
            return False
        return self.new.get(node.value.id) == _ANY or (self.prepares and node.value.id == "self")

    def _is_fine_attribute(self, node: ast.Attribute, call: ast.Call | None) -> bool:
        path = self._path(node)
        if path is not None:
            return _computes(path, len(call.args) if call else 0)
        of = node.value
        if isinstance(of, ast.Name) and of.id == "self" and "self" in self.own and node.attr in self.parts:
            return True
        if isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "super":
            return node.attr in _OF_LAYERS
        if node.attr.startswith("__"):
            return False
        if call is not None and self.new is None:  # a cell that runs in any case
            return True
        if isinstance(of, ast.Constant) or node.attr in _LOOKS:
            return call is None or len(call.args) < 2 or node.attr not in _REDUCES
        if call is None:
            return node.attr not in _CHANGES
        ways = (self.new or {}).get(of.id, frozenset()) if isinstance(of, ast.Name) else frozenset()
        return ways == _ANY or node.attr in ways

    def _path(self, node: ast.AST) -> str | None:
        """What is meant in a module that only computes, by its full name."""
        if isinstance(node, ast.Attribute):
            inner = self._path(node.value)
            return inner and f"{inner}.{node.attr}"
        if isinstance(node, ast.Name) and node.id not in self.own:
            return self.modules.get(node.id)
        return None


_ANY = frozenset({"anything"})


def _within(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What stands in some code, but for what stands in functions in it."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.AnnAssign):
            pending += [node.target, *([node.value] if node.value else [])]
        elif not isinstance(node, (*_DEFINE, ast.Lambda)):
            pending += ast.iter_child_nodes(node)


def _used_up(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What is gone through where it stands."""
    for node in nodes:
        if isinstance(node, (ast.For, ast.comprehension)):
            yield node.iter
        elif isinstance(node, ast.Starred) or (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple)
        ):
            yield node.value
        elif isinstance(node, ast.Call):
            named = isinstance(node.func, ast.Name) and node.func.id in _BUILTINS
            if named or (isinstance(node.func, ast.Attribute) and node.func.attr == "join"):
                yield from node.args


def _is_fine_decorator(node: ast.expr) -> bool:
    """Whether a function does with a decorator what it does without."""
    node = node.func if isinstance(node, ast.Call) else node
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in ("classmethod", "property", "register_keras_serializable", "staticmethod")
