"""What a cell may do besides binding names: change what other cells made, or something that no name tells of."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterator

from functional_course.grading.analysis.scope import changed, definitions, loaded, python_of, stored

_ANYTHING = frozenset(
    {"__import__", "breakpoint", "delattr", "eval", "exec", "get_ipython", "globals", "input", "locals", "open"}
    | {"setattr", "vars"}
)
"""Names with which a cell can reach whatever there is."""

_FILES = frozenset(
    {"chdir", "environ", "export", "mkdir", "open", "putenv", "save", "save_weights", "savefig", "savez", "to_csv"}
    | {"tofile", "touch", "unlink", "urlretrieve", "write", "write_bytes", "write_text"}
)
"""Attributes by which one cell can leave something for another without a name."""

_SETTERS = ("set_", "enable_", "disable_", "clear_", "reset_", "filterwarnings", "simplefilter", "seterr")
"""How the names of a module's functions begin that change a setting for all that follows."""

_SETTINGS = frozenset(
    {"set_dtype_policy", "set_epsilon", "set_floatx", "set_global_policy", "set_image_data_format"}
    | {"set_float32_matmul_precision", "set_max_epochs", "set_max_steps_per_epoch", "set_default_dtype"}
)
"""Those that are settings whatever they are called on: ``config = keras.config`` is a module, too."""

_SEEDS = frozenset({"set_random_seed", "seed", "manual_seed"})
"""Except those, see :func:`sets_a_seed`."""

_ITERATORS = frozenset(
    {"iter", "map", "zip", "filter", "enumerate", "reversed", "chain", "count", "cycle", "islice", "repeat", "tee"}
    | {"as_numpy_iterator", "batched", "pairwise", "product", "starmap", "takewhile", "dropwhile"}
)
"""Functions and methods that make iterators: whoever reads one goes on in it."""

_ONLY_READS = frozenset(dir(builtins)) - {"next", "anext"}
"""Built-in functions that leave what they are given as it is, if it is no iterator."""

_ONLY_LOOKS = frozenset(
    {"all", "any", "argmax", "argmin", "argsort", "astype", "compute_output_shape", "copy", "count", "count_params"}
    | {"cumsum", "endswith", "format", "get", "get_config", "get_weights", "index", "items", "join", "keys", "lower"}
    | {"max", "mean", "min", "numpy", "predict", "reshape", "round", "split", "squeeze", "startswith", "std", "strip"}
    | {"sum", "summary", "tobytes", "tolist", "transpose", "upper", "values", "var"}
)
"""Methods that leave what they are called on as it is."""


@functools.lru_cache(maxsize=1024)
def reaches_beyond(source: str) -> bool:
    """Whether a cell may change something that another cell can see and no name in it tells of.

    So do magics and commands, ``from x import *``, ``exec`` and its like, files, settings of modules, and what is put
    into a module. A cell that Python cannot read does nothing.

    Example:

    >>> reaches_beyond("keras.config.set_floatx('float16')\\nimport keras"), reaches_beyond("x = 1")
    (True, False)
    """
    tree = _tree(source)
    if tree is None:
        return False
    modules = _modules(tree)
    return python_of(source) != source or any(_reaches(node, modules) for node in ast.walk(tree))


def _reaches(node: ast.AST, modules: frozenset[str]) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(each.name == "*" or each.name in _FILES or _is_setter(each.name) for each in node.names)
    if isinstance(node, ast.Global):
        return True
    if isinstance(node, ast.Name):
        return node.id in _ANYTHING
    if isinstance(node, ast.Attribute):
        sets = node.attr in _SETTINGS or (_is_setter(node.attr) and bool(_roots(node) & modules))
        return node.attr in _FILES or sets or _puts_into(node, modules)
    return _puts_into(node, modules)


def _is_setter(name: str) -> bool:
    return name.startswith(_SETTERS) and name not in _SEEDS


def _puts_into(node: ast.AST, modules: frozenset[str]) -> bool:
    stores = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
    return stores and bool(_roots(node) & modules)


def _modules(tree: ast.Module) -> frozenset[str]:
    """The names of modules: what the course's notebooks import by these names, and what the cell itself imports."""
    own = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    return frozenset(own | {"keras", "layers", "np", "numpy", "random", "tf", "plt", "os", "sys", "warnings", "ops"})


@functools.lru_cache(maxsize=1024)
def handed(source: str, functions: frozenset[str]) -> frozenset[str]:
    """The names of the notebook whose values a test changes itself, or hands to one of these functions.

    Example:

    >>> sorted(handed("found = freeze(base)\\nassert count(x)\\nmodel.name = 'y'", frozenset({"freeze"})))
    ['base', 'model']
    """
    tree = _tree(source)
    if tree is None:
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _roots(node.value)
        elif isinstance(node, ast.Call) and _roots(node.func) & functions:
            found = found.union(*map(_roots, [*node.args, *(keyword.value for keyword in node.keywords)]))
    return frozenset(found) & loaded(source)


@functools.lru_cache(maxsize=1024)
def touched(source: str) -> frozenset[str]:
    """The names of the notebook whose values a cell changes, or may: too many rather than too few.

    These are what it assigns into, what it calls methods of that do not only look, and what it hands to functions
    that the notebook defines, in functions of its own as well.

    Example:

    >>> sorted(touched("for layer in base.layers:\\n    layer.trainable = False\\ny = helper(x) + z.mean()"))
    ['base', 'helper', 'layer', 'x']
    """
    tree = _tree(source)
    if tree is None:
        return frozenset()
    found = set(changed(source))
    parts: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        for target, value in _bindings(node):
            for name in _roots(target):
                parts.setdefault(name, set()).update(_roots(value))
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _roots(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= set() if node.func.attr in _ONLY_LOOKS else _roots(node.func.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in _ONLY_READS:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            found |= {node.func.id}.union(*map(_roots, given))
    while more := set().union(*(parts.get(name, set()) for name in found)) - found:
        found |= more
    imported = _modules(tree) & definitions(source)
    return frozenset(found - imported) & loaded(source)


@functools.lru_cache(maxsize=1024)
def held(source: str) -> frozenset[str]:
    """The names into whose values a cell assigns, or on which it calls what may change them.

    For classes and functions, which :func:`touched` would name wherever they are called.

    Example:

    >>> sorted(held("Net.units = 3\\ncount.calls.append(1)\\nmodel = Net(4)\\nprint(table.keys())"))
    ['Net', 'count']
    """
    tree = _tree(source)
    found: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _roots(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr not in _ONLY_LOOKS:
            found |= _roots(node.func.value)
    return frozenset(found) & loaded(source)


@functools.lru_cache(maxsize=1024)
def iterators(source: str) -> frozenset[str]:
    """The names that a cell binds to iterators, or may; and its generators, for what they are called with.

    Example:

    >>> sorted(iterators("rows = iter(x)\\npairs = (a for a in x)\\nz = list(x)\\ndef draws():\\n    yield 1"))
    ['draws', 'pairs', 'rows']
    """
    tree = _tree(source)
    found: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
                found.add(node.name)
        else:
            for target, value in _bindings(node):
                if isinstance(node, (ast.Assign, ast.NamedExpr)) and _may_iterate(value, found):
                    found |= _roots(target)
    return frozenset(found) & stored(source)


def _may_iterate(value: ast.AST, generators: set[str]) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
        return name in _ITERATORS | generators
    return isinstance(value, ast.GeneratorExp)


@functools.lru_cache(maxsize=1024)
def sets_a_seed(source: str) -> bool:
    """Whether a cell sets the seed of what is drawn after it.

    Example:

    >>> sets_a_seed("keras.utils.set_random_seed(3)"), sets_a_seed("x = np.random.default_rng(3)")
    (True, False)
    """
    tree = _tree(source)
    return tree is not None and any(
        node.attr in _SEEDS if isinstance(node, ast.Attribute) else isinstance(node, ast.Name) and node.id in _SEEDS
        for node in ast.walk(tree)
    )


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What a node binds, and the value that it may be a part of."""
    if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        for walked in node.iter.args if isinstance(node.iter, ast.Call) else [node.iter]:
            yield node.target, walked
        yield node.target, node.iter
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, ast.NamedExpr):
        yield node.target, node.value
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr


def _roots(node: ast.AST) -> set[str]:
    """The names that an expression's value may be, or be a part of."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        return _roots(node.value)
    if isinstance(node, ast.Call):
        return _roots(node.func.value) if isinstance(node.func, ast.Attribute) else set()
    return set().union(*map(_roots, node.elts)) if isinstance(node, (ast.Tuple, ast.List)) else set()


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(python_of(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
