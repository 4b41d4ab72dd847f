"""The names that a teacher's cell reads and binds, as Python's own ``symtable`` tells them.

For text of the release only: a learner's text is never parsed, see :mod:`functional_course.grading.analysis.names`.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence

from functional_course.grading.analysis.names import defined, functions, kept_by, variables

_MAGIC = re.compile(r"^\s*[%!?]|=\s*[%!]|\?\s*$", re.MULTILINE)
_PYTHON_INSIDE = re.compile(r"\s*%%(?:time|timeit|capture|prun|memit)\b[^\n]*\n")
_TIMED = re.compile(r"((?:^|=)[ \t]*)%(?:time|prun)[ \t]+(?:-\w+(?:[ \t]+\d+)?[ \t]+)*", re.MULTILINE)
_BY_NAME = frozenset({"globals", "locals", "vars", "dir", "eval", "exec", "get_ipython"})
_WORD = re.compile(r"[^\W\d]\w*")


# A class hands in the same released cells again and again.
_remembered = functools.lru_cache(maxsize=1024)


@_remembered
def python_of(source: str) -> str:
    """The Python that a cell is, with IPython's magics and commands as the calls that IPython makes of them.

    Example:

    >>> python_of("%matplotlib inline\\nx = 1")
    "get_ipython().run_line_magic('matplotlib', 'inline')\\nx = 1\\n"
    """
    inside = _PYTHON_INSIDE.match(source)
    if inside:
        return python_of(source[inside.end() :]) + _keeping(inside[0])
    if not _MAGIC.search(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return TransformerManager().transform_cell(_TIMED.sub(r"\1", source)) + _keeping(source)
    except Exception:  # not only a SyntaxError: `x =%\\` is an IndexError in IPython
        return source


def _keeping(source: str) -> str:
    """What the magic of a whole cell binds, as Python."""
    return "".join(f"\n{name} = 0\n" for name in kept_by(source.strip().partition("\n")[0]))


@_remembered
def parsed(source: str) -> ast.Module | None:
    """The tree of a cell; None if it is no Python, or deeper than anybody writes, and than Python's own tools go."""
    try:
        tree = ast.parse(python_of(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a NUL is a ValueError
        return None
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [inner for node in level for inner in ast.iter_child_nodes(node)]
        if not level:
            return tree
    return None


_DEEPEST = 60


@_remembered
def is_python(source: str) -> bool:
    """Whether it can be told what a cell reads and binds."""
    return _tree(source) is not None


@_remembered
def stored(source: str) -> frozenset[str]:
    """The names that a cell binds in the notebook; functions', classes' and comprehensions' own are left out."""
    tree = _tree(source)
    return defined(source) if tree is None else _stores(tree)


@_remembered
def loaded(source: str) -> frozenset[str]:
    """The names of the notebook that a cell reads, anywhere in it: ``globals()["x"]`` reads ``x`` too."""
    tree = _tree(source)
    return frozenset(_WORD.findall(source)) if tree is None else _reads(tree) | _spoken(tree)


@_remembered
def read_first(source: str) -> frozenset[str]:
    """The names that a cell reads where it may not have bound them itself yet."""
    tree = _tree(source)
    return frozenset(_WORD.findall(source)) if tree is None else _gone_through(tree)[0] | _spoken(tree)


@_remembered
def read_at_once(source: str) -> frozenset[str]:
    """As :func:`read_first`, without what functions of the cell read when they are called.

    Example:

    >>> sorted(read_at_once("def f(x=y):\\n    return z\\nz = 1\\nw"))
    ['w', 'y']
    """
    tree = _tree(source)
    if tree is None:
        return frozenset(_WORD.findall(source))
    return _gone_through(_WithoutBodies().visit(copy.deepcopy(tree)))[0] | _spoken(tree)


@_remembered
def read_later(source: str) -> frozenset[str]:
    """The names of the notebook that a cell's functions and classes read, whenever that is.

    Example:

    >>> sorted(read_later("x = base\\ndef f(rows):\\n    return [x + y + row for row in rows]\\n[z for z in w]"))
    ['x', 'y']
    """
    tree = _tree(source)
    if tree is None:
        return frozenset(_WORD.findall(source))
    inner = (one for table in _called(_table(tree)) for one in table.get_symbols())
    return frozenset(one.get_name() for one in inner if one.is_referenced() and one.is_global())


@_remembered
def surely_bound(source: str) -> frozenset[str]:
    """The names that a cell binds whatever comes: not only in a branch, a loop, or a ``with``."""
    tree = _tree(source)
    return frozenset() if tree is None else _gone_through(_swallowing(tree))[1]


@_remembered
def read_unsure(source: str) -> frozenset[str]:
    """As :func:`read_first`, but what a ``with`` binds may be unbound after it, for it may swallow an error.

    Example:

    >>> sorted(read_unsure("with criterion:\\n    model = build(3)\\nwith criterion:\\n    print(model)"))
    ['build', 'criterion', 'model', 'print']
    """
    tree = _tree(source)
    return read_first(source) if tree is None else _gone_through(_swallowing(tree))[0] | _spoken(tree)


@_remembered
def binds_unknown(source: str) -> bool:
    """Whether nobody can tell from a cell what it binds: it imports ``*``, or runs what stands elsewhere."""
    tree = _tree(source)
    if tree is None:
        return True
    stars = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))
    return stars or bool(_reads(tree) & {"exec", "globals"}) or bool(_RUNS.search(python_of(source)))


_RUNS = re.compile(r"run_line_magic\('(?:run|pylab|load|store)'")


@_remembered
def changed(source: str) -> frozenset[str]:
    """The names whose values a cell changes in place, or may: ``x[0] = 1``, ``x.sort()``, ``shuffle(x)``.

    Too many rather than too few, but for what functions that it defines would do.

    Example:

    >>> sorted(changed("for layer in base.layers:\\n    layer.trainable = False\\nnew = sum(x)"))
    ['base', 'layer']
    """
    tree = _tree(source)
    return frozenset() if tree is None else _changes(tree)


@_remembered
def definitions(source: str) -> frozenset[str]:
    """The modules, functions and classes that a cell binds."""
    tree = _tree(source)
    if tree is None:
        return frozenset()
    table = _table(tree)
    return frozenset(one.get_name() for one in table.get_symbols() if one.is_imported() or one.is_namespace())


def wanted(stubs: Sequence[str], tests: Sequence[str], others: Sequence[str]) -> list[frozenset[str]]:
    """The names that each answer of a released notebook has to define.

    They are the functions and classes of its stub, and what its test reads that no other cell of the notebook
    provides. Variables of a stub count where the test reads them, or where nothing else is known.

    Args:
        stubs: the text of each answer cell, in order.
        tests: the text of each answer's test, in the same order; empty where there is none.
        others: the text of every code cell that is no answer and no test.

    Returns:
        One set for each answer. No name is in two of them.

    Example:

    >>> wanted(["raise NotImplementedError()"], ["assert abs(total - 3) < tolerance"], ["tolerance = 0.1"])
    [frozenset({'total'})]
    """
    given = frozenset(dir(builtins)).union({"get_ipython", "display"}, *map(stored, others))
    taken = frozenset().union(*map(defined, stubs))
    answers: list[frozenset[str]] = []
    for stub, test in zip(stubs, tests, strict=True):
        read = _asked(test)
        own = functions(stub) | (variables(stub) & read)
        more = read - given - taken
        taken |= more
        answers.append((own | more) or variables(stub))
    return answers


@_remembered
def _asked(test: str) -> frozenset[str]:
    tree = _tree(test)
    return frozenset() if tree is None else _reads(tree) - _stores(tree)


class _Plainer(ast.NodeTransformer):
    """The same names, said so that ``symtable`` tells them alike in every Python."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """``x += 1`` reads ``x`` as well."""
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        read = ast.Name(node.target.id, ast.Load())
        return ast.Assign([node.target], ast.BinOp(read, node.op, node.value), lineno=node.lineno)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | list[ast.AST]:
        """``x: int`` alone binds nothing."""
        self.generic_visit(node)
        if node.value is None:
            return ast.Expr(node.annotation)
        return [ast.Expr(node.annotation), ast.Assign([node.target], node.value, lineno=node.lineno)]

    def visit_Delete(self, node: ast.Delete) -> list[ast.AST]:
        """So does ``del x``."""
        self.generic_visit(node)
        names = [one.id for one in node.targets if isinstance(one, ast.Name)]
        return [*(ast.Expr(ast.Name(name, ast.Load())) for name in names), node]

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        """From Python 3.12 on, lists are made in place, and their variables look like the cell's."""
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """A generator looks its names up when somebody goes through it, as a function does when it is called."""
        self.generic_visit(node)
        if any(isinstance(each, ast.NamedExpr) for each in ast.walk(node)):
            return node
        return ast.Lambda(ast.arguments([], [], None, [], [], None, []), node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Outside of a function it would end the analysis, and none of its names are bound."""
        return ast.Expr(self.visit(node.value)) if node.value else ast.Pass()


class _WithoutBodies(ast.NodeTransformer):
    """The same code with functions that do nothing."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Decorators, defaults and annotations are read where the function is defined."""
        node.body = [ast.Pass()]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """So are those of a coroutine."""
        node.body = [ast.Pass()]
        return node


@_remembered
def _tree(source: str) -> ast.Module | None:
    tree = parsed(source)
    if tree is None:
        return None
    try:
        plain = ast.fix_missing_locations(_Plainer().visit(copy.deepcopy(tree)))
        _table(plain)
        return plain
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a released cell may be broken on purpose
        return None


def _table(tree: ast.Module) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(tree), "cell", "exec")


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from _tables(inner)


def _called(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """What runs when it is called, and not where it stands as the display of a list does."""
    for inner in table.get_children():
        yield from _called(inner) if inner.get_name() == "genexpr" else _tables(inner)


def _stores(tree: ast.Module) -> frozenset[str]:
    top = _table(tree)
    return frozenset(
        one.get_name()
        for table in _tables(top)
        for one in table.get_symbols()
        if (one.is_assigned() or one.is_imported()) and (table is top or one.is_global())
    )


def _reads(tree: ast.Module) -> frozenset[str]:
    top = _table(tree)
    return frozenset(
        one.get_name()
        for table in _tables(top)
        for one in table.get_symbols()
        if one.is_referenced() and (table is top or one.is_global())
    )


def _gone_through(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """What is read before it is bound, and what is bound at the end in any case."""
    read: set[str] = set()

    def use(node: ast.expr | None, bound: set[str]) -> None:
        """An expression or a target: what it reads, and then what it binds."""
        if node is not None:
            statement: ast.stmt = ast.Expr(node)
            if _is_target(node):
                statement = ast.Assign([node], ast.Constant(0), lineno=1)
            whole = ast.Module([ast.fix_missing_locations(statement)], [])
            read.update(_reads(whole) - bound)
            bound.update(_stores(whole) - _perhaps(node))

    def go(statements: Iterable[ast.stmt], bound: set[str]) -> set[str]:
        for statement in statements:
            bound = step(statement, bound)
        return bound

    def step(statement: ast.stmt, bound: set[str]) -> set[str]:
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                use(item.context_expr, bound)
                use(item.optional_vars, bound)
            return go(statement.body, bound)
        if isinstance(statement, (ast.For, ast.AsyncFor)):
            use(statement.iter, bound)
            inside = set(bound)
            use(statement.target, inside)
            go(statement.body, inside)
            go(statement.orelse, set(bound))
            return bound
        if isinstance(statement, ast.While):
            use(statement.test, bound)
            go(statement.body, set(bound))
            go(statement.orelse, set(bound))
            return bound
        if isinstance(statement, ast.If):
            use(statement.test, bound)
            return go(statement.body, set(bound)) & go(statement.orelse, set(bound))
        if isinstance(statement, ast.Try):
            ends = [go(statement.orelse, go(statement.body, set(bound)))]
            for handler in statement.handlers:
                use(handler.type, bound)
                ends.append(go(handler.body, bound | {handler.name or ""}) - {handler.name or ""})
            return set.intersection(*ends) | go(statement.finalbody, set(bound))
        whole = ast.Module([statement], [])
        read.update(_reads(whole) - bound)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return bound | {statement.name}
        return bound | (_stores(whole) - _perhaps(statement)) if isinstance(statement, _SURE) else bound

    end = go(tree.body, set())
    return frozenset(read), frozenset(end)


def _swallowing(tree: ast.Module) -> ast.Module:
    return _Swallowing().visit(copy.deepcopy(tree))


class _Swallowing(ast.NodeTransformer):
    """The same code, with each ``with`` in a ``try``."""

    def visit_With(self, node: ast.With | ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        return ast.Try([node], [ast.ExceptHandler(None, None, [ast.Pass()])], [], [])

    visit_AsyncWith = visit_With


def _perhaps(node: ast.AST) -> frozenset[str]:
    """The names that are bound inside an expression which may end before it comes to them."""
    short = (
        each for each in ast.walk(node) if isinstance(each, (ast.BoolOp, ast.IfExp, ast.GeneratorExp, ast.Compare))
    )
    inner = (each for part in short for each in ast.walk(part) if isinstance(each, ast.NamedExpr))
    return frozenset(each.target.id for each in inner)


def _changes(tree: ast.Module) -> frozenset[str]:
    others: dict[str, set[str]] = {}  # by a name, what its value may be a part of
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            walked = node.iter.args if isinstance(node.iter, ast.Call) else [node.iter]
            _learn(others, node.target, set().union(*map(_roots, walked)))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                _learn(others, target, _roots(node.value))
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= _roots(node.value)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            if not (isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id)):
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                found |= _roots(call.func) | set().union(*map(_roots, given))
    while True:
        more = set().union(*(others.get(name, set()) for name in found)) - found
        if not more:
            return frozenset(found)
        found |= more


def _roots(node: ast.AST) -> set[str]:
    """The names that an expression's value may be, or be a part of."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        return _roots(node.value)
    return set().union(*map(_roots, node.elts)) if isinstance(node, (ast.Tuple, ast.List)) else set()


def _learn(others: dict[str, set[str]], target: ast.AST, parts: set[str]) -> None:
    for name in _roots(target):
        others.setdefault(name, set()).update(parts)


_SURE = (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom, ast.Assert)
"""Statements that bind all that is in them."""


def _spoken(tree: ast.Module) -> frozenset[str]:
    """The words in a cell's texts, where it looks names up by them."""
    if not _reads(tree) & _BY_NAME:
        return frozenset()
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def _is_target(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)
