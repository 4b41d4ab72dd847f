"""What is private in Keras is read in one module of the package, and each of these names is a decision: it stands here.

Of a Keras that lacks one, a test says so by name, where everything else would fail in a way that tells less.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

PACKAGE = ROOT / "functional_course"
HOME = "models/keras_private.py"

NAMES: dict[str, set[str]] = {
    "a layer": {
        *("_auto_config", "_call_signature", "_clear_losses", "_flatten_layers", "_inbound_nodes", "_layers", "_lock"),
        *("_losses", "_non_trainable_variables", "_outbound_nodes", "_parent_path", "_path"),
        *("_seed_generators", "_tracker", "_trainable", "_trainable_variables"),
    },
    "a symbolic tensor": {"_keras_history"},
    "a functional model": {"_nodes_by_depth"},
    "a Sequential model": {"_functional", "_layers", "_maybe_rebuild"},
    "a compiled model": {
        *("_compile_config", "_compile_loss", "_compile_metrics", "_compiled_trainable_state", "_distribute_strategy"),
        *("_jit_compile", "_loss_tracker", "_metrics"),
    },
    "the loss of a compiled model": {"_flat_losses", "_user_loss", "_user_loss_weights"},
    "the metrics of a compiled model": {
        *("_flat_metrics", "_flat_weighted_metrics", "_user_metrics", "_user_weighted_metrics"),
    },
    "a metric": {"_fn"},
    "an optimizer": {
        *("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern", "_learning_rate", "_trainable_variables"),
    },
    "a variable": {"_value"},
    "what feeds fit": {"_distributed_dataset"},
}
"""The names that :mod:`functional_course.models.keras_private` reads, by what has them."""

SOURCES = {
    "keras.src",
    "keras.src.api_export",
    "keras.src.backend.common.global_state",
    "keras.src.layers.layer.CallContext",
    "keras.src.models.functional.Functional",
    "keras.src.saving",
    "keras.src.saving.object_registration",
    "keras.src.saving.serialization_lib",
}
"""What it takes of Keras's own modules."""

REPLACED = {
    "kernels/arrays.py": {
        *("_batch_size", "_inputs", "_num_samples", "_shuffle"),
        "keras.src.trainers.data_adapters.array_data_adapter",
        "tensorflow.python.data.ops.unbatch_op._UnbatchDataset",
    },
    "kernels/epochs.py": {"_get_iterator", "keras.src.trainers.data_adapters.array_data_adapter"},
    "kernels/handles.py": {"tensorflow.python.ops.gen_resource_variable_ops"},
    "kernels/steps.py": {
        *("_call_flat", "_created_variables", "_no_variable_creation_config", "_run_functions_eagerly"),
        "_variable_creation_config",
        "tensorflow.python.eager.polymorphic_function.function_context",
        "tensorflow.python.eager.polymorphic_function.function_type_utils",
    },
    "kernels/traces.py": {"_maybe_symbolic_build"},
    "rubric/explaining.py": {
        *("keras.src.layers.input_spec", "keras.src.layers.merging.base_merge", "keras.src.models.functional"),
        "keras.src.ops.operation_utils",
    },
}
"""What the kernels replace in Keras and TensorFlow, or need for that: each beside what replaces it. They do without
where it isn't there. And the places by which the rubric, which imports no Keras, knows an error of Keras's: where there
are others, it says less."""

OTHERS = {"_add_score", "_create_environment", "_exit", "_lru_cache_wrapper", "_replace", "_run_exitfuncs"} | {
    "_showtraceback",
}
"""Private names of Python, IPython, nbgrader and rich."""

KERASS = set().union(*NAMES.values(), *REPLACED.values())


def is_private(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"_[a-z]\w*", name) is not None


def is_source(name: object) -> bool:
    return (
        isinstance(name, str)
        and re.fullmatch(r"(keras\.src|keras\._\w+|tensorflow\.python)(\.\w+)*\.?", name) is not None
    )


def own(tree: ast.AST) -> set[str]:
    """The names that a module gives itself: functions, classes, variables, attributes of ``self``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and of_itself(node):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "object.__setattr__":
            found.add(str(beginning(node.args[1])))
    return found


def of_itself(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def private(source: str, package: set[str] = frozenset()) -> set[str]:
    """The private names of others that a module reads: attributes, strings that name them, imports.

    Args:
        source: the module.
        package: names that the package gives itself, in any module.
    """
    tree = ast.parse(source)
    mine = own(tree)
    theirs = set(taken(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            known = (mine | (package - KERASS) if of_itself(node) else mine - KERASS) | OTHERS
            theirs |= {node.attr} - known
    return theirs


def taken(tree: ast.Module) -> Iterator[str]:
    """What strings and imports name."""
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in texts:
            if is_source(node.value):
                yield node.value.rstrip(".")
            elif node.value in KERASS:
                yield node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr", "setattr", "delattr"):
            yield from filter(is_private, map(beginning, node.args[1:2]))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if is_source(alias.name))
        elif isinstance(node, ast.ImportFrom) and is_source(node.module):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def beginning(node: ast.expr) -> object:
    """A text, or what an f-string begins with."""
    node = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return getattr(node, "value", None)


def modules(package: Path) -> dict[str, set[str]]:
    """The private names of others in each module that has some."""
    sources = {path.relative_to(package).as_posix(): path.read_text() for path in package.rglob("*.py")}
    given = set().union(*(own(ast.parse(source)) for source in sources.values()))
    found = {name: private(source, given) for name, source in sources.items()}
    return {name: names for name, names in found.items() if names}


def test_only_one_module_reads_what_is_private_in_keras():
    found = modules(PACKAGE)
    listed = {HOME: set().union(*NAMES.values(), SOURCES), **REPLACED}
    wrong = {name: sorted(names - listed.get(name, set())) for name, names in found.items()}
    assert {name: names for name, names in wrong.items() if names} == {}, f"belongs into {HOME}, and into the list"
    unused = {name: sorted(names - found.get(name, set())) for name, names in listed.items()}
    # An f-string of an optimizer's names, of which the second goes on from the first.
    unused[HOME].remove("_exclude_from_weight_decay_pattern")
    assert {name: names for name, names in unused.items() if names} == {}, "no longer read: take it off the list"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(layer):\n    return layer._flatten_layers()", "_flatten_layers"),
        ("def f(layer):\n    layer._trainable = False", "_trainable"),
        ("def f(layer):\n    return layer._brand_new", "_brand_new"),
        ("def f(layer):\n    return getattr(layer, '_brand_new', None)", "_brand_new"),
        ("def f(layer):\n    return getattr(layer, f'_brand_{layer}')", "_brand_"),
        ("NAMES = {'_keras_history'}", "_keras_history"),
        ("def f(self):\n    return self._shuffle", "_shuffle"),
        ("class A:\n    def _layers(self):\n        return self.model._layers", "_layers"),
        ("from keras.src.backend.common import global_state", "keras.src.backend.common.global_state"),
        ("import keras.src.ops", "keras.src.ops"),
        ("def f(kind):\n    return kind.__module__.startswith('keras.src.ops.')", "keras.src.ops"),
        ("import sys\nops = sys.modules['tensorflow.python.ops']", "tensorflow.python.ops"),
    ],
)
def test_one_elsewhere_is_found(tmp_path: Path, source: str, name: str):
    (tmp_path / "other.py").write_text("def _shuffle():\n    '''Nothing of Keras's.'''\n")
    (tmp_path / "planted.py").write_text(source)
    assert modules(tmp_path) == {"planted.py": {name}}


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __init__(self):\n        self._layers = []\n\n    def f(self):\n        return self._layers",
        "def f(other):\n    return other._mine\n\n\nclass A:\n    def _mine(self):\n        '''Of ``keras.src``.'''",
        "def f(self):\n    object.__setattr__(self, '_mine', 1)\n    return self._mine",
        "import os\n\nos._exit(0)",
    ],
)
def test_what_is_ones_own_is_left_alone(tmp_path: Path, source: str):
    (tmp_path / "planted.py").write_text(source)
    assert modules(tmp_path) == {}


# --- an installed Keras -----------------------------------------------------------------------------------------------


def holders() -> dict[str, Any]:
    """An example of everything that has private names."""
    import keras
    import numpy as np

    entry = keras.Input((3,))
    layer = keras.layers.Dense(2)
    functional = keras.Model(entry, layer(entry))
    functional.compile("adam", "mse", metrics=[keras.metrics.MeanAbsoluteError()])
    functional.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    functional.optimizer.exclude_from_weight_decay(var_names=["bias"])
    return {
        "a layer": layer,
        "a symbolic tensor": entry,
        "a functional model": functional,
        "a Sequential model": keras.Sequential([entry, layer]),
        "a compiled model": functional,
        "the loss of a compiled model": functional._compile_loss,
        "the metrics of a compiled model": functional._compile_metrics,
        "a metric": keras.metrics.MeanAbsoluteError(),
        "an optimizer": functional.optimizer,
        "a variable": layer.kernel,
        "what feeds fit": feeding(keras, np),
    }


def feeding(keras: Any, np: Any) -> Any:
    import sys

    trainer = next(each for each in keras.Model.__mro__ if "make_train_function" in vars(each))
    kind = sys.modules[trainer.__module__].TFEpochIterator
    return kind(x=np.ones((4, 3)), y=np.ones((4, 2)), distribute_strategy=keras.Model().distribute_strategy)


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    return holders()


@pytest.mark.parametrize(("holder", "name"), [(holder, name) for holder in NAMES for name in sorted(NAMES[holder])])
def test_the_installed_keras_has_it(examples: dict[str, Any], holder: str, name: str):
    assert hasattr(examples[holder], name), f"{holder} has no {name}: see {HOME}"


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_the_installed_keras_has_its_module(source: str):
    module, _, name = source.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


def test_keras_keeps_its_own_state_where_it_is_looked_for():
    from functional_course.models import keras_private

    import keras

    told = []

    class Telling(keras.layers.Layer):
        def call(self, inputs):
            told.append(keras_private.is_training())
            return inputs

    Telling()(keras.ops.ones((1, 2)), training=True)
    with keras_private.training_as(False):
        Telling()(keras.ops.ones((1, 2)))
    assert told == [True, False] and keras_private.is_training() is None

    before = keras_private.names_given().get("telling")
    assert Telling().name == f"telling_{before}" and keras_private.names_given()["telling"] == before + 1

    keras.saving.register_keras_serializable("here")(Telling)
    with keras.saving.CustomObjectScope({"Scoped": Telling}), keras_private.nothing_registered():
        assert keras.saving.get_registered_object("here>Telling") is None
        assert keras.saving.get_registered_object("Scoped") is None
    assert keras.saving.get_registered_object("here>Telling") is Telling


def test_a_tracked_list_is_known():
    from functional_course.models import keras_private

    import keras

    layer = keras.layers.Layer()
    layer.kept = []
    assert keras_private.is_tracked(layer.kept) and not keras_private.is_tracked([])
    assert keras_private.is_of_keras(keras.layers.Dense.__module__, "layers")
    assert not keras_private.is_of_keras(type("Own", (keras.layers.Dense,), {}).__module__)
    assert keras_private.exported_name(keras.layers.Dense) == "keras.layers.Dense"
