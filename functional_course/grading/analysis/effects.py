"""What a cell may do besides binding names: change what other cells made, or something that no name tells of."""

from __future__ import annotations

import ast
import builtins
import functools
import keyword
import re
import sys

from functional_course.grading.analysis.scope import is_python, loaded, parsed, python_of, stored

_ANYTHING = frozenset(
    {"__import__", "breakpoint", "delattr", "eval", "exec", "get_ipython", "globals", "input", "locals", "open"}
    | {"setattr", "vars"}
)
"""Names with which a cell can reach whatever there is."""

_BY_NAME = frozenset({"dir", "eval", "exec", "globals", "locals", "vars"})
"""Names with which a cell can look up others, or make Python run a text."""

_UNSEEN = re.compile(
    r"\b(?!__(?:init|call|name|version|doc|future)__)__[A-Za-z]\w*__|\bmetaclass\b|\bclass\s+\w+\s*\([^)]*\btype\b"
    r"|\bweakref\b|\bdef\s+summary\b|\bsummary\s*="
    r"|\bget_layer\(\s*(?:name\s*=\s*)?[\"'](?:\w+_\d+|dense|conv\dd|flatten|functional)[\"']"
)
"""What is called where no call is to be seen, as what Python does with ``+`` is, and what counts how often that was."""

_HISTORY = re.compile(r"_{1,3}|_\d+|_i+\d*|_[dio]h|_exit_code|Out|In")
"""What IPython binds after each cell."""

_CHANCE = re.compile("random|seed|shuffle")

INSTALLED = sys.stdlib_module_names | {"IPython", "functional_course", "ipywidgets", "jax", "keras", "matplotlib"}
INSTALLED |= {"numpy", "pandas", "PIL", "scipy", "sklearn", "tensorflow", "torch"}
"""Packages that do nothing to what is there when they are imported."""

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


@functools.lru_cache(maxsize=1024)
def is_unseen(source: str) -> bool:
    """Whether nobody can tell from the texts of a notebook what comes of it, because of one cell, whoever wrote it.

    Example:

    >>> is_unseen("def look(name):\\n    return eval(name)"), is_unseen("class A:\\n    def __add__(self, other): pass")
    (True, True)
    """
    return bool(_UNSEEN.search(source) or loaded(source) & _BY_NAME)


@functools.lru_cache(maxsize=1024)
def rests_on_chance(test: str) -> bool:
    """Whether the verdict of a test may hang on what is drawn: those that a rubric judges may not."""
    return "Rubric" not in test and bool(_CHANCE.search(test))


@functools.lru_cache(maxsize=1024)
def hides(source: str) -> bool:
    """Whether a cell binds a name that Python has bound already."""
    return not stored(source).isdisjoint(dir(builtins) + ["display"])


def is_command(source: str, bound: frozenset[str]) -> bool:
    """Whether a cell may be a command to IPython without its ``%``: one line that begins with a name of nobody's."""
    first = re.match(r"\s*([A-Za-z]\w*)[^\n]*\s*$", source)
    return first is not None and not {first[1]} & bound and first[1] not in _WORDS


_WORDS = frozenset(keyword.kwlist).union(dir(builtins), ["display", "get_ipython"]) - {"exit", "quit"}


@functools.lru_cache(maxsize=1024)
def reaches_beyond(source: str) -> bool:
    """Whether a cell may change something that another cell can see and no name in it tells of.

    So do magics and commands, ``from x import *``, ``exec`` and its like, files, settings of modules, and what is put
    into a module, and whoever reads what IPython remembers. Nor can it be told of what is no Python.

    Example:

    >>> reaches_beyond("keras.config.set_floatx('float16')\\nimport keras"), reaches_beyond("x = 1")
    (True, False)
    """
    tree = parsed(source)
    if tree is None or not is_python(source) or any(map(_HISTORY.fullmatch, loaded(source))):
        return True
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
    tree = parsed(source)
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
        return all(_is_plain_target(each, node.value) for each in node.targets) and _is_plain(node.value)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and all(map(_is_plain, filter(None, [node.annotation, node.value])))
    if isinstance(node, ast.Raise):  # what stands in the place of an answer that nobody has written yet
        return ast.unparse(node) in ("raise NotImplementedError", "raise NotImplementedError()")
    if isinstance(node, ast.Expr):
        return _is_plain(node.value) or _only_looks(node.value)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return packages(node) <= INSTALLED - {"__future__"}
    return isinstance(node, ast.Pass)


def packages(node: ast.Import | ast.ImportFrom) -> frozenset[str]:
    """The packages that are imported from; that of a relative import has no name."""
    paths = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return frozenset(path.partition(".")[0] for path in paths)


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


def _is_plain_target(node: ast.expr, value: ast.expr) -> bool:
    """Whether a value is only given a name. To take one apart may go through it for good."""
    names = node.elts if isinstance(node, ast.Tuple) and isinstance(value, (ast.Tuple, ast.List)) else [node]
    return all(isinstance(each, ast.Name) for each in names)


_PLAIN = (ast.Constant, ast.Name, ast.Attribute, ast.Lambda, ast.Tuple, ast.List, ast.Set, ast.Dict)
_PARTS_OF_PLAIN = (*_PLAIN, ast.JoinedStr, ast.FormattedValue)
_OF_NUMBERS = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator)


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression only looks up names and puts together what they stand for. A subscript may add a key.

    To add up tensors makes a layer, so what is computed may be computed of numbers alone.
    """
    if isinstance(node, ast.Lambda):
        return all(map(_is_plain, [*node.args.defaults, *filter(None, node.args.kw_defaults)]))
    if isinstance(node, (ast.UnaryOp, ast.BinOp)):
        return all(isinstance(each, _OF_NUMBERS) for each in ast.walk(node))
    if not isinstance(node, _PARTS_OF_PLAIN):
        return False
    return all(_is_plain(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))


def _is_harmless(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in ("property", "staticmethod", "classmethod")


def _roots(node: ast.AST) -> set[str]:
    """The names that an expression's value may be, or be a part of."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        return _roots(node.value)
    if isinstance(node, ast.Call):
        return _roots(node.func.value) if isinstance(node.func, ast.Attribute) else set()
    return set().union(*map(_roots, node.elts)) if isinstance(node, (ast.Tuple, ast.List)) else set()
