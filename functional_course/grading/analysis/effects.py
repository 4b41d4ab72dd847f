"""What a cell may do besides binding names: change what other cells made, or something that no name tells of."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterator

from functional_course.grading.analysis.scope import changed, definitions, loaded, python_of

_ANYTHING = frozenset(
    {"__import__", "breakpoint", "delattr", "eval", "exec", "get_ipython", "globals", "input", "locals", "open"}
    | {"setattr", "vars"}
)
"""Names with which a cell can reach whatever there is."""

_AT_DEFINITION = frozenset({"__init_subclass__", "__set_name__", "__mro_entries__"})
"""Methods that Python calls where a class is defined."""

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
"""Except those: a cell that sets one acts by itself, and so is never left out."""

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
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name in _AT_DEFINITION
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
def only_defines(source: str) -> bool:
    """Whether nothing comes of a cell unless somebody reads a name that it binds.

    So it is with functions and classes, imports, names for constants and for what has a name, and with what is only
    printed. A decorator, another call or a magic may do anything.

    Example:

    >>> only_defines("UNITS = 8\\ndef build(units=UNITS):\\n    return layers.Dense(units)")
    True
    >>> only_defines("model = build()"), only_defines("@register\\ndef f(): pass"), only_defines("%pylab")
    (False, False, False)
    >>> only_defines("print(len(x), model.name)\\nmodel.summary()"), only_defines("x[0]"), only_defines("print(*rows)")
    (True, False, False)
    """
    tree = _tree(source)
    return tree is not None and python_of(source) == source and all(map(_defines, tree.body))


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        read = [*given.defaults, *given.kw_defaults, node.returns, *(each.annotation for each in every if each)]
        return all(map(_is_harmless, node.decorator_list)) and all(each is None or _is_plain(each) for each in read)
    if isinstance(node, ast.ClassDef):
        made = all(map(_is_harmless, node.decorator_list)) and not node.keywords and all(map(_is_plain, node.bases))
        return made and all(map(_defines, node.body))
    if isinstance(node, ast.Assign):
        return all(map(_is_plain_target, node.targets)) and _is_plain(node.value)
    if isinstance(node, ast.AnnAssign):
        return _is_plain_target(node.target) and all(map(_is_plain, filter(None, [node.annotation, node.value])))
    if isinstance(node, ast.Raise):  # what stands in the place of an answer that nobody has written yet
        return isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name) and not node.exc.args
    if isinstance(node, ast.Expr):
        return _is_plain(node.value) or _only_looks(node.value)
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))


_LOOK = frozenset({"display", "help", "id", "isinstance", "len", "print", "repr", "str", "type"})


def _only_looks(node: ast.expr) -> bool:
    """Whether a call shows something, as people do between their cells."""
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    function = node.func
    shows = function.id in _LOOK if isinstance(function, ast.Name) else False
    if isinstance(function, ast.Attribute):
        shows = function.attr == "summary" and _is_plain(function.value)
    return shows and all(_is_plain(each) or _only_looks(each) for each in node.args)


def _is_plain_target(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Tuple) and all(map(_is_plain_target, node.elts)))


_PLAIN = (ast.Constant, ast.Name, ast.Attribute, ast.Lambda, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp)
_PARTS_OF_PLAIN = (*_PLAIN, ast.BinOp, ast.JoinedStr, ast.FormattedValue)


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression only looks up names and puts together what they stand for. A subscript may add a key."""
    if isinstance(node, ast.Lambda):
        return all(map(_is_plain, [*node.args.defaults, *filter(None, node.args.kw_defaults)]))
    if not isinstance(node, _PARTS_OF_PLAIN):
        return False
    return all(_is_plain(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))


_HARMLESS = frozenset({"property", "staticmethod", "classmethod", "setter", "override"})


def _is_harmless(decorator: ast.expr) -> bool:
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", None)
    return name in _HARMLESS


@functools.lru_cache(maxsize=1024)
def keeps_something(source: str, fixed: frozenset[str]) -> bool:
    """Whether a function or class that a cell defines may remember that it was called, or change what others made.

    Args:
        source: the cell.
        fixed: modules, functions and classes: what is called on them doesn't change them.

    Example:

    >>> keeps_something("def put(x):\\n    rows.append(x)", frozenset()), keeps_something("def f(x): pass", frozenset())
    (True, False)
    """
    tree = _tree(source)
    if tree is None:
        return True
    shared = loaded(source) | definitions(source) | {"cls"}
    return bool(touched(source) - fixed) or any(_keeps(node, shared) for node in ast.walk(tree))


_MADE_ANEW = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.Lambda)


def _keeps(node: ast.AST, shared: frozenset[str]) -> bool:
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        if not all(map(_is_harmless, node.decorator_list)):
            return True
        values = [] if isinstance(node, ast.ClassDef) else [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        values += [each.value for each in node.body if isinstance(node, ast.ClassDef) and isinstance(each, ast.Assign)]
        return not all(isinstance(each, _MADE_ANEW) for each in values)
    # What is put on a function or on a class is there at the next call; what is put on an argument was handed over.
    if not isinstance(node, (ast.Attribute, ast.Subscript)) or isinstance(node.ctx, ast.Load):
        return False
    return isinstance(node.value, ast.Call) or bool(_roots(node) & shared)


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
