"""What was traced for one model serves the next that is built and compiled alike.

Who compares over several seeds builds the same model anew for each, and TensorFlow traces the same step anew, which
takes longer than to train so small a model. Here the second model takes the graph of the first one, with its own
variables in the place of the other's: the same operations on its own numbers, so the numbers stay the same.

A graph is shared only where :mod:`functional_course.kernels.alike` can say that two models would be traced alike: both
are made of Keras's own layers, losses, metrics and optimizers. Whatever else there is, is traced as ever.
"""

from __future__ import annotations

import collections
import functools
import sys
from collections.abc import Hashable
from typing import Any

from functional_course.kernels import alike
from functional_course.kernels.trainer import tensorflow_trainer

MOST_KEPT = 16
"""So many steps are kept, those that served last."""

_CELL = "multi_step_on_iterator"
"""What Keras calls the function that TensorFlow traces, inside of ``train_function`` and ``test_function``."""


def install() -> None:
    """Have all models of this process do so, if Keras is there and runs on TensorFlow. A second call does nothing."""
    trainer: Any = tensorflow_trainer()
    if trainer is None or hasattr(trainer.make_predict_function, "__wrapped__"):
        return
    for kind in ("train", "test", "predict"):
        _install(trainer, kind)


def _install(trainer: type, kind: str) -> None:
    make, attribute = getattr(trainer, f"make_{kind}_function"), f"{kind}_function"

    @functools.wraps(make)
    def make_function(self, force: bool = False):
        before = getattr(self, attribute)
        made = make(self, force)
        after = getattr(self, attribute)
        if after is not before and after is not None and not self.run_eagerly:
            if kind == "predict":
                setattr(self, attribute, _Step(after, self, kind))
            else:
                _replace(after, self, kind)
        return made

    setattr(trainer, f"make_{kind}_function", make_function)


def _replace(function, model, kind: str) -> None:
    """Put a step in the place of the function that Keras has traced in each call of ``train_function``."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    if _CELL in names:
        cell = function.__closure__[names.index(_CELL)]
        cell.cell_contents = _Step(cell.cell_contents, model, kind)


class _Traced:
    """A graph that was traced for one model, and the variables of that model in their order."""

    def __init__(self, graph, handles: list) -> None:
        self.graph = graph
        places = {id(handle): place for place, handle in enumerate(handles)}
        self._handles = handles  # as long as these live, no other object has one of their ids
        self._places = [places.get(id(captured), -1) for captured in graph.captured_inputs]

    @property
    def is_shareable(self) -> bool:
        """Whether it uses nothing but its arguments and the model's variables."""
        return -1 not in self._places

    def call(self, arguments: tuple, handles: list):
        """Run it with the variables of another model."""
        kind = self.graph.function_type
        flat = kind.unpack_inputs(kind.bind(*arguments))
        return self.graph._call_flat(flat, captured_inputs=[handles[place] for place in self._places])


class _Kept:
    """The graphs that may serve again, by what a model was and what it was given."""

    def __init__(self) -> None:
        self._graphs: collections.OrderedDict[Hashable, _Traced] = collections.OrderedDict()

    def get(self, key: Hashable) -> _Traced | None:
        found = self._graphs.get(key)
        if found is not None:
            self._graphs.move_to_end(key)
        return found

    def put(self, key: Hashable, traced: _Traced) -> None:
        self._graphs[key] = traced
        while len(self._graphs) > MOST_KEPT:
            self._graphs.popitem(last=False)


_kept = _Kept()


class _Step:
    """Stands for a function of TensorFlow's, which it calls unless a graph of an earlier model does."""

    def __init__(self, function, model, kind: str) -> None:
        self._function, self._model, self._kind = function, model, kind
        self._own: set[tuple] = set()
        self._shared: dict[tuple, tuple[_Traced, list]] = {}

    def __getattr__(self, name: str):
        if name == "_function":  # of an object that was made without it, as a copy begins
            raise AttributeError(name)
        return getattr(self._function, name)

    def __call__(self, *arguments):
        given = alike.type_of(arguments)
        if given is None or given in self._own or self._function._run_functions_eagerly:
            return self._function(*arguments)
        if given not in self._shared and not self._share(given):
            return self._trace(given, arguments)
        traced, handles = self._shared[given]
        return traced.call(arguments, handles)

    def _share(self, given: tuple) -> bool:
        key = alike.signature(self._model, self._kind, given)
        traced = _kept.get(key) if key is not None else None
        if traced is not None:
            self._shared[given] = traced, alike.handles(self._model, self._kind)
        return traced is not None

    def _trace(self, given: tuple, arguments: tuple):
        """As Keras does; afterwards the graph is kept, if another model may use it."""
        self._own.add(given)
        key = alike.signature(self._model, self._kind, given)
        result = self._function(*arguments)
        graph = _graph(self._function, arguments) if key is not None else None
        if graph is not None:
            traced = _Traced(graph, alike.handles(self._model, self._kind))
            if traced.is_shareable:
                _kept.put(key, traced)
        return result


def _graph(function, arguments: tuple):
    """The graph that TensorFlow has for these arguments."""
    types = sys.modules["tensorflow.python.eager.polymorphic_function.function_type_utils"]
    contexts = sys.modules["tensorflow.python.eager.polymorphic_function.function_context"]
    traced = (
        function._no_variable_creation_config if function._created_variables else function._variable_creation_config
    )
    bound = types.canonicalize_function_inputs(arguments, {}, traced.polymorphic_type, traced.default_values, False)
    wanted, _ = types.make_canonicalized_monomorphic_type(bound.args, bound.kwargs, {}, traced.polymorphic_type)
    return traced.function_cache.lookup(wanted, contexts.make_function_context(traced.scope_type))
