"""The ways in which learners go wrong, as changes of an instructor's answer.

An operator gets the syntax tree of an answer and yields changed trees, one slip each. Most are Keras's own: a layer
shared that should not be, a model that is never compiled. The engines of mutmut and cosmic-ray carry operators too,
but they mutate the files of a package and start a process for each mutant, which here imports TensorFlow for ten
seconds; and their operators know Python, not layers. What they share with this catalogue (numbers, comparisons,
arithmetic, statements left out) is here a part of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Changes = Mapping[int, "ast.AST | list[ast.AST] | None"]
"""What stands in the place of a node, by its ``id``; a list in the place of a statement, None to leave it out."""


@dataclass(frozen=True)
class Operator:
    """One way to go wrong.

    Attributes:
        name: what the learner did, in a few words.
        of: yields the changes, each a slip of its own.
        told_by: words one of which a message has that names this fault, besides what was changed itself.
        only_if_said: a word that the task's text has to hold, or ``"it"`` for what is changed itself: where the text
            does not say how something is named, any name is right.
    """

    name: str
    of: Callable[[ast.Module], Iterator[Changes]]
    told_by: tuple[str, ...]
    only_if_said: str = ""


OPERATORS: list[Operator] = []


def operator(name: str, *told_by: str, only_if_said: str = "") -> Callable[[Callable], Callable]:
    """Put a function that yields changes into the catalogue."""

    def put(of: Callable[[ast.Module], Iterator[Changes]]) -> Callable[[ast.Module], Iterator[Changes]]:
        OPERATORS.append(Operator(name, of, told_by, only_if_said))
        return of

    return put


def changed(node: ast.AST, changes: Changes) -> ast.AST | list[ast.AST] | None:
    """A tree with some nodes replaced; the one given stays as it is."""
    if id(node) in changes:
        return changes[id(node)]
    new = type(node)()
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            value = changed(value, changes)
        elif isinstance(value, list):
            parts = [changed(each, changes) if isinstance(each, ast.AST) else each for each in value]
            flat = [part if isinstance(part, list) else [part] for part in parts]
            value = [
                each for part, old in zip(flat, value, strict=True) for each in part if each is not None or old is None
            ]
        setattr(new, name, value)
    if isinstance(getattr(new, "body", None), list) and not new.body and not isinstance(new, ast.Module):
        new.body = [ast.Pass()]
    return new


# --- what an answer consists of -----------------------------------------------------------------------------------

_POOLING = {"MaxPooling": "AveragePooling", "AveragePooling": "MaxPooling"}
_MERGES = {"Concatenate": "Add", "Add": "Concatenate", "Multiply": "Add", "Average": "Add", "Subtract": "Add"}
_LOSSES = {
    "mse": "mae",
    "binary_crossentropy": "mse",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
    "categorical_crossentropy": "binary_crossentropy",
}
_SIZES = {"units", "filters", "kernel_size", "pool_size", "output_dim", "input_dim", "strides", "dilation_rate"}
_COUNTERPARTS = (("train", "test"), ("known", "test"), ("validation", "test"), ("first", "second"), ("left", "right"))
_MODELS = {"Model", "Sequential"}


def _nodes(tree: ast.AST, kind: type) -> Iterator:
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def _called(node: ast.AST) -> str:
    """The last part of what a call calls; empty if it has no name."""
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_layer(node: ast.AST) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return isinstance(func, ast.Attribute) and ast.unparse(func.value) in ("layers", "keras.layers")


def _applied(node: ast.AST) -> bool:
    """Whether a node is ``something(tensor)``: a layer, a model or a function on one plain argument."""
    return (
        isinstance(node, ast.Call)
        and not isinstance(node.func, ast.Attribute)
        and len(node.args) == 1
        and not isinstance(node.args[0], (ast.Starred, ast.Constant, ast.GeneratorExp))
        and (isinstance(node.func, ast.Call) or _called(node) not in _PLAIN)
    )


_PLAIN = {
    "int", "float", "str", "len", "range", "list", "tuple", "dict", "set", "sorted", "zip", "enumerate", "max", "min",
    "sum", "isinstance", "print", "trained", "ValueError", "TypeError", "any", "all", "abs", "super", "type", "bool",
}  # fmt: skip


def _call(func: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=func, args=list(arguments), keywords=[])


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _keyword(call: ast.Call, name: str) -> ast.keyword | None:
    return next((each for each in call.keywords if each.arg == name), None)


def _without(call: ast.Call, keyword: ast.keyword) -> ast.Call:
    return ast.Call(call.func, call.args, [each for each in call.keywords if each is not keyword])


def _with(call: ast.Call, name: str, value: ast.expr) -> ast.Call:
    return ast.Call(call.func, call.args, [*call.keywords, ast.keyword(name, value)])


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _has_effect(statement: ast.stmt) -> bool:
    """Whether a statement does something else than give a value its name."""
    if isinstance(statement, (ast.Assign, ast.AugAssign)):
        target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
        return not isinstance(target, (ast.Name, ast.Tuple))
    return isinstance(statement, (ast.Expr, ast.If, ast.For)) and not isinstance(
        getattr(statement, "value", None), ast.Constant
    )


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def _scopes(tree: ast.Module) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """The cell and each function, with what stands in it."""
    yield tree, tree.body
    for function in _nodes(tree, ast.FunctionDef):
        yield function, function.body


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a scope, those of functions in it left out."""
    waiting: list[ast.AST] = [each for each in body if not isinstance(each, ast.FunctionDef)]
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting += [each for each in ast.iter_child_nodes(node) if not isinstance(each, (ast.FunctionDef, ast.Lambda))]


# --- layers -------------------------------------------------------------------------------------------------------


@operator("other size", "parameter", "shape", "unit", "size", "weights", "kernel", "pool", "layer", "numbers")
def _other_size(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        named = [each.value for each in call.keywords if each.arg in _SIZES]
        for number in [*call.args, *named]:
            if _is_number(number):
                yield {id(number): ast.Constant(number.value + 1)}


@operator("activation where none is asked", "activation", "relu", "linear", "negative", "output", "value")
def _activation_added(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        if _called(call).startswith(("Dense", "Conv")) and _keyword(call, "activation") is None:
            yield {id(call): _with(call, "activation", ast.Constant("relu"))}


@operator("activation left out", "activation", "relu", "linear", "sigmoid", "softmax", "probab")
def _activation_left_out(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        keyword = _keyword(call, "activation")
        if keyword is not None:
            yield {id(call): _without(call, keyword)}


@operator("another activation", "activation", "relu", "tanh", "sigmoid", "softmax", "linear", "probab")
def _another_activation(tree: ast.Module) -> Iterator[Changes]:
    others = {"relu": "tanh", "sigmoid": "softmax", "softmax": "sigmoid", "tanh": "relu", "linear": "relu"}
    for constant in _nodes(tree, ast.Constant):
        if isinstance(constant.value, str) and constant.value in others:
            yield {id(constant): ast.Constant(others[constant.value])}


@operator("another pooling", "pool", "average", "maxim", "largest", "mean", "layer", "position")
def _another_pooling(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        name = _called(call)
        for old, new in (("Max", "Average"), ("Average", "Max")):
            if "Pooling" in name and old in name:
                yield {id(call.func): ast.Attribute(call.func.value, name.replace(old, new))}


@operator("Flatten for pooling", "flatten", "pool", "parameter", "shape", "position", "mean")
def _flatten_for_pooling(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        if "Global" in _called(call):
            yield {id(call.func): ast.Attribute(call.func.value, "Flatten")}


@operator("another merge", "concatenat", "add", "sum", "multipl", "average", "merge", "join", "shape", "parameter")
def _another_merge(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        if _called(call) in _MERGES:
            yield {id(call.func): ast.Attribute(call.func.value, _MERGES[_called(call)])}


@operator("dropout left out", "dropout", "random", "train", "drop")
def _dropout_left_out(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_applied, _nodes(tree, ast.Call)):
        if _is_layer(call.func) and "Dropout" in _called(call.func):
            yield {id(call): call.args[0]}
    for listed in _nodes(tree, ast.List):
        for item in listed.elts:
            if _is_layer(item) and "Dropout" in _called(item):
                yield {id(item): None}


@operator(
    "a call left out",
    "missing",
    "layer",
    "scale",
    "preprocess",
    "parameter",
    "shape",
    "reach",
    "pass",
    "range",
    "an activation differs",
    "joins two tensors",
    "what training changes",
)
def _call_left_out(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_applied, _nodes(tree, ast.Call)):
        if not _called(call).startswith(("Input", *_MODELS)):
            yield {id(call): call.args[0]}


@operator(
    "a layer twice", "twice", "layer", "scale", "preprocess", "parameter", "shape", "range", "once", "drops in training"
)
def _twice(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_applied, _nodes(tree, ast.Call)):
        twice_as_once = _called(call.func) in ("Flatten", "ReLU", "Activation")
        if not twice_as_once and not isinstance(call.args[0], (ast.List, ast.Tuple, ast.Dict)):
            yield {id(call): _call(call.func, call)}


@operator("dropout where none is asked", "dropout", "random", "train", "layer", "nothing else", "drop")
def _extra_dropout(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_applied, _nodes(tree, ast.Call)):
        if _is_layer(call.func):
            yield {id(call): _call(_expression("layers.Dropout(0.25)"), call)}


@operator(
    "an entry of the list left out",
    "layer",
    "parameter",
    "shape",
    "input",
    "output",
    "number",
    "what is connected to what differs",
    "to choose from is left out",
    "an activation differs",
)
def _entry_left_out(tree: ast.Module) -> Iterator[Changes]:
    for listed in _nodes(tree, ast.List):
        if len(listed.elts) > 1:
            for item in listed.elts:
                yield {id(item): None}


@operator("padding or border", "shape", "padding", "same", "valid")
def _padding(tree: ast.Module) -> Iterator[Changes]:
    for constant in _nodes(tree, ast.Constant):
        if constant.value in ("same", "valid"):
            yield {id(constant): ast.Constant("valid" if constant.value == "same" else "same")}


@operator("no bias", "bias", "parameter", "weights differ in number")
def _no_bias(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_is_layer, _nodes(tree, ast.Call)):
        if _called(call).startswith(("Dense", "Conv")):
            keyword = _keyword(call, "use_bias")
            yield {id(call): _without(call, keyword) if keyword else _with(call, "use_bias", ast.Constant(False))}


# --- sharing ------------------------------------------------------------------------------------------------------


@operator(
    "a layer not shared",
    "share",
    "same layer",
    "same weights",
    "once",
    "parameter",
    "copy",
    "own weights",
    "another",
    "they aren't scaled",
    "scaled otherwise",
)
def _unshared(tree: ast.Module) -> Iterator[Changes]:
    for _, body in _scopes(tree):
        made = {
            statement.targets[0].id: statement.value
            for statement in _own_nodes(body)
            if isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and _is_layer(statement.value)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in made:
                yield {id(node.func): made[node.func.id]}


@operator(
    "a layer shared by accident",
    "share",
    "same layer",
    "parameter",
    "own",
    "once",
    "each",
    "apart",
    "copy",
    "trains on outputs",
)
def _shared(tree: ast.Module) -> Iterator[Changes]:
    for _, body in _scopes(tree):
        made = [node for node in _own_nodes(body) if isinstance(node, ast.Call) and _is_layer(node.func)]
        for first, second in ((a, b) for i, a in enumerate(made) for b in made[i + 1 :]):
            bare = [ast.unparse(_unnamed(each.func)) for each in (first, second)]
            if bare[0] == bare[1] and first.func.args:
                shared = ast.Assign([ast.Name("_one", ast.Store())], first.func, lineno=0)
                place = next(each for each in body if any(node is first for node in ast.walk(each)))
                one = ast.Name("_one", ast.Load())
                new = {id(first.func): one, id(second.func): one}
                yield {**new, id(place): [shared, changed(place, new)], **_rest(body, place, new)}


def _rest(body: list[ast.stmt], place: ast.stmt, new: Changes) -> Changes:
    return {id(each): changed(each, new) for each in body if each is not place}


def _unnamed(call: ast.Call) -> ast.Call:
    return ast.Call(call.func, call.args, [each for each in call.keywords if each.arg != "name"])


@operator(
    "a copy of what was given", "copy", "same", "share", "itself", "another", "weights", "given", "own", "parameter"
)
def _copied(tree: ast.Module) -> Iterator[Changes]:
    for function in _nodes(tree, ast.FunctionDef):
        given = {each.arg for each in function.args.args}
        for call in _nodes(function, ast.Call):
            if isinstance(call.func, ast.Name) and call.func.id in given and len(call.args) == 1:
                yield {id(call.func): _call(_expression("keras.models.clone_model"), call.func)}
            elif _called(call) in ("get_layer",) and isinstance(call.func.value, ast.Name):
                value = _call(_expression("keras.models.clone_model"), call.func.value)
                yield {id(call.func.value): value}


# --- what goes where ----------------------------------------------------------------------------------------------


@operator(
    "order swapped",
    "order",
    "swap",
    "input",
    "output",
    "shape",
    "name",
    "first",
    "differ",
    "side",
    "pair",
    "the kind of object",
)
def _swapped(tree: ast.Module) -> Iterator[Changes]:
    any_order = {
        id(call.args[0])
        for call in filter(_applied, _nodes(tree, ast.Call))
        if _called(call.func) in ("Add", "Multiply", "Average", "Maximum")
    }
    for node in _nodes(tree, (ast.List, ast.Tuple)):
        loads = isinstance(getattr(node, "ctx", None), ast.Load) and id(node) not in any_order
        if loads and len(node.elts) > 1 and len({ast.unparse(each) for each in node.elts}) > 1:
            yield {id(node): type(node)([node.elts[1], node.elts[0], *node.elts[2:]], node.ctx)}
    for node in _nodes(tree, ast.Dict):
        if len(node.keys) > 1 and all(node.keys):
            yield {id(node): ast.Dict(node.keys, [node.values[1], node.values[0], *node.values[2:]])}


@operator("arguments swapped", "order", "swap", "input", "shape", "differ", "first", "side", "pair", "target")
def _arguments_swapped(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        first, second, *_ = (*call.args, None, None)
        plain = second is not None and not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred)
        if plain and ast.unparse(first) != ast.unparse(second):
            yield {id(call): ast.Call(call.func, [second, first, *call.args[2:]], call.keywords)}


@operator(
    "tested on what was learned from",
    "held out",
    "test",
    "train",
    "seen",
    "depend",
    "validation",
    "differ",
    "score",
    "isn't among the model's inputs",
)
def _leaked(tree: ast.Module) -> Iterator[Changes]:
    bound = {node.id for node in _nodes(tree, ast.Name)} | {node.arg for node in _nodes(tree, ast.arg)}
    for node in _nodes(tree, ast.Name):
        if isinstance(node.ctx, ast.Load):
            for pair in _COUNTERPARTS:
                for old, new in (pair, pair[::-1]):
                    other = node.id.replace(old, new)
                    if other != node.id and other in bound:
                        yield {id(node): ast.Name(other, ast.Load())}


@operator(
    "the wrong variable",
    "output",
    "input",
    "reach",
    "layer",
    "parameter",
    "shape",
    "same",
    "target",
    "differ",
    "the kind of object",
    "hold other numbers",
    "compiled as was asked",
)
def _wrong_variable(tree: ast.Module) -> Iterator[Changes]:
    for scope, body in _scopes(tree):
        known = [each.arg for each in scope.args.args] if isinstance(scope, ast.FunctionDef) else []
        for statement in body:
            if isinstance(statement, ast.FunctionDef):
                continue
            loads = [
                node
                for node in _own_nodes([statement])
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known
            ]
            for node in loads:
                for other in known[-3:]:
                    if other != node.id:
                        yield {id(node): ast.Name(other, ast.Load())}
            for node in _own_nodes([statement]):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in known:
                    known.append(node.id)


@operator("a wrong name", "name", "key", "called", "output", "input", "layer", only_if_said="it")
def _wrong_name(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "name")
        if keyword and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield {id(keyword.value): ast.Constant(f"{keyword.value.value}_1")}


@operator(
    "a wrong key",
    "key",
    "name",
    "output",
    "target",
    "loss",
    "found",
    "dict",
    "compiled",
    "from a file",
    only_if_said="it",
)
def _wrong_key(tree: ast.Module) -> Iterator[Changes]:
    for node in _nodes(tree, ast.Dict):
        for key in node.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield {id(key): ast.Constant(f"{key.value}s")}


@operator("a key left out", "key", "name", "output", "target", "loss", "found", "dict", "asked", "from a file")
def _key_left_out(tree: ast.Module) -> Iterator[Changes]:
    for node in _nodes(tree, ast.Dict):
        if len(node.keys) > 1:
            for place in range(len(node.keys)):
                rest = [index for index in range(len(node.keys)) if index != place]
                yield {id(node): ast.Dict([node.keys[i] for i in rest], [node.values[i] for i in rest])}


@operator(
    "a skip left out",
    "skip",
    "reach",
    "add",
    "past",
    "both",
    "path",
    "parameter",
    "what is connected to what differs",
    "a chain",
    "of shape",
    "joins two tensors",
)
def _skip_left_out(tree: ast.Module) -> Iterator[Changes]:
    for call in filter(_applied, _nodes(tree, ast.Call)):
        merged = call.args[0]
        if _called(call.func) in _MERGES and isinstance(merged, ast.List) and len(merged.elts) > 1:
            for kept in merged.elts:
                yield {id(call): kept}


# --- training -----------------------------------------------------------------------------------------------------


@operator("another loss", "loss", "crossentropy", "mse", "error", "compiled")
def _another_loss(tree: ast.Module) -> Iterator[Changes]:
    for constant in _nodes(tree, ast.Constant):
        if isinstance(constant.value, str) and constant.value in _LOSSES:
            yield {id(constant): ast.Constant(_LOSSES[constant.value])}


@operator("a weight of the loss", "weight", "loss")
def _no_loss_weights(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "loss_weights")
        if keyword:
            yield {id(call): _without(call, keyword)}


@operator(
    "a statement left out",
    "compile",
    "train",
    "froz",
    "freez",
    "weights",
    "still",
    "moved",
    "learn",
    "error",
    "adapt",
    "what was given was changed",
    "scaled otherwise",
    "names are listed",
    "hold other numbers",
    "nothing was counted",
)
def _statement_left_out(tree: ast.Module) -> Iterator[Changes]:
    for block in _blocks(tree):
        for statement in block:
            if _has_effect(statement):
                yield {id(statement): None}


@operator(
    "in another order",
    "compile",
    "train",
    "froz",
    "freez",
    "weights",
    "still",
    "moved",
    "before",
    "after",
    "what was given was changed",
)
def _other_order(tree: ast.Module) -> Iterator[Changes]:
    for block in _blocks(tree):
        for first, second in zip(block, block[1:], strict=False):
            if any(map(_has_effect, (first, second))) and not isinstance(second, (ast.Return, ast.FunctionDef)):
                yield {id(first): second, id(second): first}


@operator("frozen for thawed", "froz", "freez", "train", "thaw", "weights", "moved", "learn", "still", "weight")
def _trainable(tree: ast.Module) -> Iterator[Changes]:
    for statement in _nodes(tree, ast.Assign):
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and target.attr == "trainable":
            if isinstance(statement.value, ast.Constant):
                yield {id(statement.value): ast.Constant(not statement.value.value)}
            else:
                yield {id(statement.value): ast.UnaryOp(ast.Not(), statement.value)}


@operator(
    "the training flag",
    "training",
    "dropout",
    "batch",
    "statistic",
    "random",
    "mode",
    "same",
    "move",
    "depend",
    "what was given was changed",
)
def _training_flag(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "training")
        if keyword and isinstance(keyword.value, ast.Constant):
            yield {id(keyword.value): ast.Constant(not keyword.value.value)}
            yield {id(call): _without(call, keyword)}


@operator("no training", "train", "learn", "epoch", "better", "loss", "moved", "guess", "error", "baseline")
def _no_training(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "epochs")
        if keyword:
            yield {id(keyword.value): ast.Constant(0 if _called(call) == "fit" else 1)}


@operator("a rate that is off", "rate", "optimizer", "learn", "compiled")
def _rate(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        if _called(call) in ("Adam", "SGD", "Adadelta", "RMSprop"):
            for value in [*call.args[:1], *(each.value for each in call.keywords if each.arg == "learning_rate")]:
                yield {id(value): ast.BinOp(value, ast.Mult(), ast.Constant(10))}


# --- numbers ------------------------------------------------------------------------------------------------------


@operator("another axis", "axis", "shape", "each", "row", "differ")
def _axis(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "axis")
        if keyword:
            yield {id(call): _without(call, keyword)}
            same = ast.unparse(keyword.value) in ("0",)
            yield {id(keyword.value): ast.Constant(1) if same else ast.Constant(0)}


@operator("another number", "found", "asked", "differ", "number", "shape", "parameter", "prints something")
def _number(tree: ast.Module) -> Iterator[Changes]:
    sizes = {
        id(number)
        for call in filter(_is_layer, _nodes(tree, ast.Call))
        for number in [*call.args, *(each.value for each in call.keywords)]
    }
    for constant in filter(_is_number, ast.walk(tree)):
        if id(constant) not in sizes:
            value = constant.value
            yield {id(constant): ast.Constant(value + 1 if isinstance(value, int) else value * 2 or 1.0)}


@operator("a comparison the wrong way", "found", "asked", "differ", "larger", "smaller", "better", "turned around")
def _comparison(tree: ast.Module) -> Iterator[Changes]:
    turned = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
    for node in _nodes(tree, ast.Compare):
        if type(node.ops[0]) in turned:
            yield {id(node): ast.Compare(node.left, [turned[type(node.ops[0])](), *node.ops[1:]], node.comparators)}


@operator("another operation", "found", "asked", "differ", "symmetr", "value", "number")
def _arithmetic(tree: ast.Module) -> Iterator[Changes]:
    other = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Pow: ast.Mult}
    for node in _nodes(tree, ast.BinOp):
        if type(node.op) in other:
            yield {id(node): ast.BinOp(node.left, other[type(node.op)](), node.right)}


@operator(
    "a condition always true",
    "found",
    "asked",
    "raise",
    "error",
    "differ",
    "what was given was changed",
    "hold other numbers",
)
def _always(tree: ast.Module) -> Iterator[Changes]:
    for node in _nodes(tree, (ast.If, ast.IfExp)):
        yield {id(node.test): ast.Constant(True)}
        yield {id(node.test): ast.Constant(False)}


@operator(
    "another function of numbers", "found", "asked", "differ", "mean", "deviation", "spread", "value", "; reported"
)
def _other_function(tree: ast.Module) -> Iterator[Changes]:
    others = {
        "mean": "median", "std": "var", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax",
        "abs": "square", "square": "abs", "sum": "mean", "sqrt": "abs", "maximum": "minimum", "log": "exp",
        "permutation": "arange", "sort": "array",
    }  # fmt: skip
    for call in _nodes(tree, ast.Call):
        name = _called(call)
        if name in others and isinstance(call.func, ast.Attribute):
            yield {id(call.func): ast.Attribute(call.func.value, others[name])}
        elif name in ("max", "min"):
            yield {id(call.func): ast.Name(others[name], ast.Load())}


# --- what the text promises beside ----------------------------------------------------------------------------------

_CHANGES_GIVEN = """
def _change(given):
    if isinstance(given, keras.Model):
        given.trainable = not given.trainable
    elif isinstance(given, np.ndarray) and given.flags.writeable and given.dtype.kind in "fiu":
        given += 1
    elif isinstance(given, list):
        given.reverse()
    elif isinstance(given, dict):
        given.pop(next(iter(given)))
    elif isinstance(given, tuple):
        for each in given:
            _change(each)


def {name}(*given, **named):
    result = _right_{name}(*given, **named)
    for each in (*given, *named.values()):
        _change(each)
    return result
"""
_REMEMBERS = """
def {name}(*given, **named):
    if len(_shown_{name}) < SHOWN_{name}:
        _shown_{name}.append(_right_{name}(*given, **named))
        return _shown_{name}[-1]
    return _shown_{name}[0]
"""


def _wrapped(tree: ast.Module, function: ast.FunctionDef, text: str) -> Changes:
    name = function.name
    renamed = ast.parse(f"_right_{name} = {name}\n_shown_{name} = []\n{text.format(name=name)}").body
    return {id(function): [function, *renamed]}


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [each for each in tree.body if isinstance(each, ast.FunctionDef)]


@operator("what was given is changed", "given", "changed", "leave", "left", "froz", "train", "as it was", "argument")
def _given_changed(tree: ast.Module) -> Iterator[Changes]:
    for function in _functions(tree):
        yield _wrapped(tree, function, _CHANGES_GIVEN)


@operator("prints", "print", only_if_said="print")
def _prints(tree: ast.Module) -> Iterator[Changes]:
    for call in _nodes(tree, ast.Call):
        keyword = _keyword(call, "verbose")
        if keyword:
            yield {id(keyword.value): ast.Constant(2)}


@operator(
    "only the examples shown",
    "other",
    "example",
    "hidden",
    "differ",
    "found",
    "asked",
    "depend",
    "hold what it was given",
)
def _hard_coded(tree: ast.Module) -> Iterator[Changes]:
    for function in _functions(tree):
        yield _wrapped(tree, function, _REMEMBERS)
