"""What stood in a notebook's names after each of its cells, and how to come back to it.

The learner's side runs all cells first; then the tests ask it, each at its place. In one kernel a function that a test
calls would find the globals as they were at that place, and not what a later cell made of them. So what functions may
find is noted after each cell, and put back when the tests come to it: what names stand for, what is in the lists,
dicts, arrays, classes and objects that functions reach, the weights of layers.

What tests themselves had functions change stays, as in one kernel, unless a cell changed the same thing.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import inspect
import itertools
import operator
import os
import random
import sys
import types
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from functional_course.models import keras_private

import keras
import numpy as np

MOST_OBJECTS = 20_000
"""Objects that are looked at after one cell."""

MOST_BYTES = 64 * 1024**2
"""Of all copies of arrays together. Of more it is only noted whether they changed."""

_PLAIN = (type(None), bool, int, float, complex, str, bytes, types.BuiltinFunctionType, range, np.generic)
_REACH_ALL = {"globals", "eval", "exec", "vars", "get_ipython"}
_TRAINS = "trains itself"
"""Whether a layer trains stands among its attributes under this name, which none can have."""
_HOLDERS = (types.SimpleNamespace,)
_WRAPPERS = (dict, list, tuple, types.MethodType, functools.partial, functools._lru_cache_wrapper)
"""What a cell puts around something, so that what is in it is the notebook's."""
_CALLING = (types.FunctionType, types.CellType, types.MethodType, functools.partial, functools._lru_cache_wrapper)
_WELL_KNOWN = {"keras", "tensorflow", "numpy", "jax", "jaxlib", "torch", "functional_course", "IPython", "ipykernel"}
_OF_A_CLASS = {"__dict__", "__weakref__", "__doc__", "__module__", "__abstractmethods__", "_abc_impl"}


class _Kind(NamedTuple):
    """How to note what is in an object, tell whether that is the same as before, and put it back."""

    note: Callable[[Any], Any]
    same: Callable[[Any, Any], bool]
    put_back: Callable[[Any, Any], object]


class _Kept(NamedTuple):
    value: Any
    kind: _Kind
    noted: list[tuple[int, Any]]
    """What was in it: from which moment on, and what."""


class Moments:
    """The moments of one notebook. One to a process.

    Args:
        names: what its cells share.
        own: those that are the kernel's and not the notebook's.
    """

    def __init__(self, names: dict[str, Any], own: Iterable[str] = ()) -> None:
        self._names, self._own = names, frozenset(own) | {"In", "Out", "_", "__", "___"}
        self._kept: dict[int, _Kept] = {}
        self._moments: dict[int, int] = {}
        self._now = -1
        self._unsure: set[int] = set()
        self._bytes = 0
        self._settings = _Settings()
        self._bindings = _Kind(self._bound, lambda noted, each: _same_items(noted, self._bound(each)), self._bind)

    def note(self, index: int) -> None:
        """A cell has run: note what functions would find now.

        Args:
            index: its place.
        """
        self._now = self._moments[index] = len(self._moments)
        self._keep(self._names, self._bindings)
        for value, kind in itertools.chain([(self._settings, _SETTINGS), (os.environ, _ENVIRONMENT)], self._reached()):
            # An object of a learner's own may do anything when it is looked at.
            with contextlib.suppress(Exception):
                self._keep(value, kind)

    def return_to(self, index: int) -> tuple[bool, bool]:
        """Put back what functions would have found after a cell.

        Returns:
            Whether anything was another than it is now; and whether functions reach what cannot be put back, such as
            an iterator, or an array too large to keep a copy of that has changed.
        """
        moment = self._moments.get(index, self._now)
        changed, unsure = False, moment in self._unsure
        for kept in self._kept.values():
            then, now = _at(kept.noted, moment), _at(kept.noted, self._now)
            if then is not None and then is not now:
                changed = True
                try:
                    kept.kind.put_back(kept.value, then[1])
                except Exception:  # an object of a learner's own may refuse, and a large array was not kept
                    unsure = True
        self._now = moment
        return changed, unsure

    def _keep(self, value: Any, kind: _Kind) -> None:
        kept = self._kept.get(id(value))
        if kept is None:
            self._kept[id(value)] = _Kept(value, kind, [(self._now, self._noted(kind, value))])
        elif not kept.kind.same(kept.noted[-1][1], value):
            kept.noted.append((self._now, self._noted(kept.kind, value)))

    def _noted(self, kind: _Kind, value: Any) -> Any:
        if kind is _ARRAY:
            if self._bytes + value.nbytes > MOST_BYTES:
                return _digest(value)
            self._bytes += value.nbytes
        return kind.note(value)

    def _bound(self, names: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in list(names.items()) if name not in self._own}

    def _bind(self, names: dict[str, Any], then: dict[str, Any]) -> None:
        # A name that no cell bound to something else stands for what the tests had functions make of it.
        noted = _at(self._kept[id(names)].noted, self._now)
        assert noted is not None  # names are noted from the first moment on
        now = noted[1]
        for name in now.keys() - then.keys():
            names.pop(name, None)
        for name, value in then.items():
            if name not in now or now[name] is not value:
                names[name] = value

    # --- what functions reach ----------------------------------------------------------------------------------------

    def _reached(self) -> Iterator[tuple[Any, _Kind]]:
        pending = collections.deque(
            (value, isinstance(value, _WRAPPERS))
            for value in self._bound(self._names).values()
            if _acts(value) or issubclass(type(value), types.ModuleType)
        )
        pending.extend((module, True) for module in _own_modules().values())
        met: dict[int, bool] = {}
        while pending:
            value, ours = pending.popleft()
            if issubclass(type(value), _PLAIN) or (id(value) in met and met[id(value)] >= ours):
                continue
            if len(met) >= MOST_OBJECTS:
                self._unsure.add(self._now)
                return
            met[id(value)] = ours
            with contextlib.suppress(Exception):
                kind = _kind_of(value)
                if kind is not None:
                    yield value, kind
                elif ours and _is_strange(value):
                    self._unsure.add(self._now)
                handed_on = self._hands_on(value, ours)
                # What is a library's own may call what is the notebook's, as a decorator does.
                pending.extend(
                    (each, handed_on) for each in self._inside(value) if handed_on or isinstance(each, _CALLING)
                )

    def _hands_on(self, value: Any, ours: bool) -> bool:
        """Whether what is in a value is the notebook's, and not some library's own affair."""
        if isinstance(value, types.FunctionType):
            module = sys.modules.get(str(value.__module__))
            return value.__globals__ is self._names or id(module) in _own_modules()
        return ours or _is_own(value if isinstance(value, type) else type(value))

    def _inside(self, value: Any) -> Iterable[Any]:
        if isinstance(value, types.FunctionType):
            found = [value.__dict__, *(value.__defaults__ or ()), *(value.__closure__ or ())]
            found += [value.__kwdefaults__] if value.__kwdefaults__ else []
            if value.__globals__ is self._names:
                words = set(_words(value.__code__))
                named = self._bound(self._names)
                found += named.values() if words & _REACH_ALL else [named[word] for word in words & named.keys()]
            return found
        if isinstance(value, types.CellType):
            return [value.cell_contents]
        if isinstance(value, types.MethodType):
            return [value.__self__, value.__func__]
        if isinstance(value, functools.partial):
            return [value.func, value.args, value.keywords]
        if isinstance(value, (staticmethod, classmethod)):
            return [value.__func__]
        if isinstance(value, property):
            return [value.fget, value.fset, value.fdel]
        if isinstance(value, functools.cached_property):
            return [value.func]
        if isinstance(value, functools._lru_cache_wrapper):
            return [value.__wrapped__]
        if isinstance(value, type):
            return [*value.__mro__[1:], *vars(value).values()] if _is_own(value) else []
        if isinstance(value, types.ModuleType):
            return list(vars(value).values()) if id(value) in _own_modules() else []
        if isinstance(value, (dict, list, tuple, set, frozenset, collections.deque)):
            inside = dict.values(value) if isinstance(value, dict) else value
            return [*inside, *([type(value), _state_of(value)] if _is_own(type(value)) else [])]
        if isinstance(value, np.ndarray):
            return list(value.flat) if value.dtype.hasobject else []
        if isinstance(value, keras.layers.Layer):
            return [type(value), *_parts(value)]
        if isinstance(value, (keras.optimizers.Optimizer, keras.metrics.Metric)):
            return list(value.variables)
        return [type(value), _state_of(value), *_slots(value).values()] if _has_state(value) else []


def _acts(value: Any) -> bool:
    """Whether a test could have something run that this reaches."""
    kind = type(value)
    if kind in (dict, list, tuple):
        inside = value.values() if kind is dict else value
        return any(_acts(each) for each in list(inside)[:100] if type(each) not in (dict, list, tuple))
    return callable(value) or _is_own(kind)


def _words(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _words(each)


def _own_modules() -> dict[int, types.ModuleType]:
    """The modules that lie in the working folder, by their ``id``: a cell may have written them."""
    return _modules_in(os.getcwd() + os.sep, len(sys.modules))


@functools.lru_cache(maxsize=1)
def _modules_in(folder: str, _: int) -> dict[int, types.ModuleType]:
    modules = [module for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)]
    return {id(each): each for each in modules if str(vars(each).get("__file__") or "").startswith(folder)}


def _is_own(kind: type) -> bool:
    """Whether a class was made in a cell or in a module of the working folder, and not in a library."""
    module = sys.modules.get(str(kind.__module__))
    return module is None or module.__name__ == "__main__" or id(module) in _own_modules()


def _is_strange(value: Any) -> bool:
    """Whether a value may be another after a later cell, and nothing here knows how to put it back."""
    if isinstance(value, (type, types.ModuleType)) or inspect.isroutine(value) or _has_state(value):
        return False
    package = type(value).__module__.partition(".")[0]
    return hasattr(type(value), "__next__") or package not in (_WELL_KNOWN | sys.stdlib_module_names)


def _has_state(value: Any) -> bool:
    return _is_own(type(value)) or isinstance(value, _HOLDERS)


def _state_of(value: Any) -> dict[str, Any]:
    try:
        return object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}


def _slots(value: Any) -> dict[str, Any]:
    """What stands in the slots of an object of a class that has some."""
    found = {}
    for kind in type(value).__mro__:
        for name, member in vars(kind).items() if _is_own(kind) else ():
            if isinstance(member, types.MemberDescriptorType):
                with contextlib.suppress(AttributeError):
                    found[name] = member.__get__(value)
    return found


def _parts(layer: keras.layers.Layer) -> Iterator[Any]:
    """The weights of a layer and of all in it, and what an author or a caller may have put into it."""
    for each in keras_private.layers_inside(layer, itself=True):
        yield from (*keras_private.trainable_list(each), *keras_private.untrainable_list(each))
        yield from (generator.state for generator in keras_private.seed_generators(each))
        yield from (each, keras_private.parts_of(each))
        yield from (value for name, value in vars(each).items() if not name.startswith("_"))
    yield getattr(layer, "optimizer", None)


# --- the kinds of objects --------------------------------------------------------------------------------------------


def _at(noted: list[tuple[int, Any]], moment: int) -> tuple[int, Any] | None:
    return next((each for each in reversed(noted) if each[0] <= moment), None)


def _all_are(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _same_items(noted: dict[Any, Any], value: dict[Any, Any]) -> bool:
    return _all_are(noted, value) and _all_are(noted.values(), dict.values(value))


def _put_items(value: dict[Any, Any], noted: dict[Any, Any]) -> None:
    kind = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict
    kind.clear(value)
    kind.update(value, noted)


def _put_environment(value: Any, noted: dict[str, str]) -> None:
    value.clear()
    value.update(noted)


_HOLD_MEMBERS: tuple[tuple[type, Callable[[Any], object], Callable[[Any, Any], object]], ...] = (
    (list, list.clear, list.extend),
    (set, set.clear, set.update),
    (collections.deque, collections.deque.clear, collections.deque.extend),
    (bytearray, bytearray.clear, bytearray.extend),
)
"""What holds members, and how each is emptied and filled."""


def _put_members(value: Any, noted: list[Any]) -> None:
    # By the base class: Keras's own lists take in nothing more once their layer is built.
    _, clear, put = next(each for each in _HOLD_MEMBERS if isinstance(value, each[0]))
    clear(value)
    put(value, noted)


def _digest(value: np.ndarray) -> tuple[Any, ...]:
    """What tells an array from one with other numbers in it."""
    return value.shape, value.dtype.str, zlib.crc32(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)


def _put_array(value: np.ndarray, noted: np.ndarray | tuple[Any, ...]) -> None:
    if isinstance(noted, tuple):
        raise ValueError("there is no copy of this array")
    np.copyto(value, noted)


def _same_bytes(noted: np.ndarray | tuple[Any, ...], value: np.ndarray) -> bool:
    if isinstance(noted, tuple):
        return noted == _digest(value)
    if noted.shape != value.shape or noted.dtype != value.dtype:
        return False
    if noted.dtype.hasobject:
        return _all_are(noted.ravel().tolist(), value.ravel().tolist())
    return noted.tobytes() == value.tobytes()


def _weights_now(variable: keras.Variable) -> Any:
    # TensorFlow and JAX write an array anew where somebody else still holds the old one, so nothing is copied here.
    if keras.backend.backend() == "tensorflow":
        return variable.value.read_value()
    return variable.value if keras.backend.backend() == "jax" else keras.ops.convert_to_numpy(variable).copy()


def _same_weights(noted: Any, variable: keras.Variable) -> bool:
    now = _weights_now(variable)
    if keras.backend.backend() == "tensorflow":
        places = [np.asarray(each).__array_interface__["data"][0] for each in (noted, now)]
        return places[0] == places[1]
    return noted is now if keras.backend.backend() == "jax" else np.array_equal(noted, now)


def _attributes_of(layer: keras.layers.Layer) -> dict[str, Any]:
    """What may be set on a layer without its being built anew: whether it trains, and what is plain or acts."""
    kept = (*_PLAIN, types.FunctionType, types.MethodType, functools.partial, tuple)
    own = _is_own(type(layer))
    found = {
        name: value
        for name, value in vars(layer).items()
        if name in keras_private.MADE_ANEW
        or (
            isinstance(value, kept)
            and name not in keras_private.ONCE_FOR_ALL
            and (not name.startswith("_") or (own and not isinstance(value, (bool, type(None)))))
        )
    }
    return {**found, _TRAINS: keras_private.trains(layer)}


def _put_attributes(layer: keras.layers.Layer, noted: dict[str, Any]) -> None:
    noted = dict(noted)
    trains = noted.pop(_TRAINS)
    now = _attributes_of(layer)
    for name in now.keys() - noted.keys() - {_TRAINS}:
        vars(layer).pop(name)
    vars(layer).update(noted)
    if trains != keras_private.trains(layer):
        keras_private.set_trains(layer, trains)
        for variable in keras_private.trainable_list(layer):
            variable.trainable = trains


def _put_class(kind: type, noted: dict[str, Any]) -> None:
    now = _class_members(kind)
    for name in now.keys() - noted.keys():
        type.__delattr__(kind, name)
    for name, value in noted.items():
        if now.get(name) is not value:
            type.__setattr__(kind, name, value)


def _class_members(kind: type) -> dict[str, Any]:
    members = vars(kind).items()
    return {
        name: value
        for name, value in members
        if name not in _OF_A_CLASS and not isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType))
    }


def _module_members(module: types.ModuleType) -> dict[str, Any]:
    # A module that is loaded late becomes an attribute of its package, and stays one.
    return {name: value for name, value in list(vars(module).items()) if not isinstance(value, types.ModuleType)}


def _put_module(module: types.ModuleType, noted: dict[str, Any]) -> None:
    now = vars(module)
    for name, value in noted.items():
        if name not in now or now[name] is not value:
            now[name] = value
    for name in _module_members(module).keys() - noted.keys() if id(module) in _own_modules() else ():
        now.pop(name)


def _put_slots(value: Any, noted: dict[str, Any]) -> None:
    for name in _slots(value).keys() - noted.keys():
        object.__delattr__(value, name)
    for name, each in noted.items():
        object.__setattr__(value, name, each)


def _cell_contents(cell: types.CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # not yet filled
        return []


def _put_contents(cell: types.CellType, noted: list[Any]) -> None:
    if noted:
        cell.cell_contents = noted[0]
    elif _cell_contents(cell):
        del cell.cell_contents


def _defaults(function: types.FunctionType) -> list[Any]:
    return [function.__defaults__, function.__kwdefaults__, function.__code__]


def _put_defaults(function: types.FunctionType, noted: list[Any]) -> None:
    function.__defaults__, function.__kwdefaults__, function.__code__ = noted


def _kind_of(value: Any) -> _Kind | None:
    """What there is to note of a value besides what it holds; None if nothing that this knows of."""
    for kinds, kind in _KINDS:
        if isinstance(value, kinds):
            return kind
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if isinstance(value, tf.Variable):
            return _TENSORFLOWS
    if isinstance(value, type):
        return _CLASS if _is_own(value) else None
    return _SLOTS if _has_state(value) and _slots(value) else None


class _Settings:
    """What is set for all of Keras, and where files are looked for."""

    @staticmethod
    def now() -> list[Any]:
        config = keras.config
        return [
            config.dtype_policy(),
            config.floatx(),
            config.epsilon(),
            config.image_data_format(),
            os.getcwd(),
            list(sys.path),
        ]

    @staticmethod
    def put_back(noted: list[Any]) -> None:
        config = keras.config
        policy, floatx, epsilon, data_format, folder, path = noted
        config.set_floatx(floatx)
        config.set_epsilon(epsilon)
        config.set_image_data_format(data_format)
        config.set_dtype_policy(policy)
        sys.path[:] = path
        os.chdir(folder)


_SETTINGS = _Kind(
    lambda each: each.now(), lambda noted, each: noted == each.now(), lambda each, noted: each.put_back(noted)
)
_ENVIRONMENT = _Kind(dict, lambda noted, value: noted == dict(value), _put_environment)
_ITEMS = _Kind(dict.copy, _same_items, _put_items)
_MEMBERS = _Kind(list, _all_are, _put_members)
_ARRAY = _Kind(np.array, _same_bytes, _put_array)
_WEIGHTS = _Kind(_weights_now, _same_weights, lambda variable, noted: variable.assign(noted))
_ATTRIBUTES = _Kind(_attributes_of, lambda noted, layer: _same_items(noted, _attributes_of(layer)), _put_attributes)
_CLASS = _Kind(_class_members, lambda noted, kind: _same_items(noted, _class_members(kind)), _put_class)
_MODULE = _Kind(_module_members, lambda noted, each: _same_items(noted, _module_members(each)), _put_module)
_SLOTS = _Kind(_slots, lambda noted, value: _same_items(noted, _slots(value)), _put_slots)
_CONTENTS = _Kind(_cell_contents, lambda noted, cell: _all_are(noted, _cell_contents(cell)), _put_contents)
_DEFAULTS = _Kind(_defaults, lambda noted, function: _all_are(noted, _defaults(function)), _put_defaults)
_CACHE = _Kind(
    lambda cached: cached.cache_info().currsize,
    lambda noted, cached: noted == cached.cache_info().currsize,
    lambda cached, noted: cached.cache_clear(),
)
_RANDOM = _Kind(
    random.Random.getstate, lambda noted, value: noted == random.Random.getstate(value), random.Random.setstate
)
_GENERATOR = _Kind(
    lambda value: value.bit_generator.state,
    lambda noted, value: repr(noted) == repr(value.bit_generator.state),
    lambda value, noted: setattr(value.bit_generator, "state", noted),
)
_TENSORFLOWS = _Kind(
    lambda variable: variable.read_value(),
    lambda noted, variable: bool((np.asarray(noted) == np.asarray(variable.read_value())).all()),
    lambda variable, noted: variable.assign(noted),
)
_KINDS: list[tuple[Any, _Kind]] = [
    (dict, _ITEMS),
    ((list, set, collections.deque, bytearray), _MEMBERS),
    (np.ndarray, _ARRAY),
    (keras.Variable, _WEIGHTS),
    (keras.layers.Layer, _ATTRIBUTES),
    (types.FunctionType, _DEFAULTS),
    (types.CellType, _CONTENTS),
    (types.ModuleType, _MODULE),
    (functools._lru_cache_wrapper, _CACHE),
    (random.Random, _RANDOM),
    (np.random.Generator, _GENERATOR),
]
"""The first that fits."""
