"""The messages between the two sides: what stands in each, and the check of what came.

What is sent has ``to_json``; what comes is made with ``of``, which raises :class:`~.wire.BoundaryError` with what is
wrong where. The errors name keys of :mod:`.tags` and quote nothing of what came but a definition's kind. What is coded
in a message (:data:`Coded`) is checked when it is decoded, and what a key stands for when it is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from functional_course.boundary import tags
from functional_course.boundary.wire import BoundaryError

MOST_NODES = 20_000
"""Definitions in one message."""

Json = dict[str, Any]
Coded = Any
"""What an :class:`~.values.Encoder` makes of a value."""

_MISSING = object()


def _part(coded: Json, key: str, where: str, default: Any = _MISSING) -> Any:
    """What stands under a key.

    Raises:
        BoundaryError: nothing does, and there is no default.
    """
    part = coded.get(key, default)
    if part is _MISSING:
        raise BoundaryError(f"{where} without {key!r}")
    return part


def _of_kind(kind: type, called: str) -> Callable[..., Any]:
    def part(coded: Json, key: str, where: str, default: Any = _MISSING) -> Any:
        found = _part(coded, key, where, default)
        if not isinstance(found, kind):
            raise BoundaryError(f"{where} whose {key!r} is no {called}")
        return found

    return part


_dict, _list, _text, _bool = (
    _of_kind(dict, "dict"),
    _of_kind(list, "list"),
    _of_kind(str, "text"),
    _of_kind(bool, "bool"),
)


def _keys(coded: Json, key: str, where: str, default: Any = _MISSING) -> list[str]:
    """A list of the keys by which both sides know things.

    Raises:
        BoundaryError: it is none.
    """
    found: list[str] = _list(coded, key, where, default)
    if not all(isinstance(each, str) for each in found):
        raise BoundaryError(f"{where} whose {key!r} are no keys")
    return found


# --- definitions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A call of a layer or an operation with symbolic tensors."""

    operation: str
    args: Coded
    kwargs: Coded
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_CALL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KIND: self.KIND,
            tag.OPERATION: self.operation,
            tag.ARGS: self.args,
            tag.KWARGS: self.kwargs,
            tag.OUT: list(self.out),
        }

    @classmethod
    def of(cls, coded: Json) -> Call:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the keys of the outputs may be missing.

        Raises:
            BoundaryError: the operation or the arguments are missing, the operation is no text, or the outputs no list
                of texts.
        """
        tag, where = tags.Definition, "a call"
        return cls(
            _text(coded, tag.OPERATION, where),
            _part(coded, tag.ARGS, where),
            _part(coded, tag.KWARGS, where),
            _keys(coded, tag.OUT, where, []),
        )


@dataclass(frozen=True)
class Loose:
    """A symbolic tensor that no layer made."""

    key: str
    shape: Sequence[int | None]
    dtype: str

    KIND: ClassVar = tags.Definition.OF_TENSOR

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KIND: self.KIND, tag.KEY: self.key, tag.SHAPE: list(self.shape), tag.DTYPE: self.dtype}

    @classmethod
    def of(cls, coded: Json) -> Loose:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, the key is no text, or the shape no list. The dtype and the sizes are
                left to Keras.
        """
        tag, where = tags.Definition, "a tensor"
        return cls(_text(coded, tag.KEY, where), _list(coded, tag.SHAPE, where), _part(coded, tag.DTYPE, where))


@dataclass(frozen=True)
class Entrance:
    """An input layer."""

    key: str
    config: Coded
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_INPUT

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.CONFIG: self.config, tag.OUT: list(self.out)}

    @classmethod
    def of(cls, coded: Json) -> Entrance:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the keys of the outputs may be missing.

        Raises:
            BoundaryError: the key or the configuration is missing, the key is no text, or the outputs no list of texts.
        """
        tag, where = tags.Definition, "an input"
        return cls(_text(coded, tag.KEY, where), _part(coded, tag.CONFIG, where), _keys(coded, tag.OUT, where, []))


@dataclass(frozen=True)
class Stack:
    """A sequential model."""

    key: str
    name: Any
    kind: str
    own: Sequence[str]
    layers: Sequence[str]
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_SEQUENTIAL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.NAME: self.name,
            tag.CLASS: self.kind,
            tag.OWN: list(self.own),
            tag.LAYERS: list(self.layers),
            tag.OUT: list(self.out),
        }

    @classmethod
    def of(cls, coded: Json) -> Stack:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the class, its own methods and the keys of the tensors may be missing.

        Raises:
            BoundaryError: the key, the name or the layers are missing, the key is no text, the layers or the tensors
                are no list of texts, or the own methods no list.
        """
        tag, where = tags.Definition, "a stack of layers"
        return cls(
            _text(coded, tag.KEY, where),
            _part(coded, tag.NAME, where),
            str(coded.get(tag.CLASS)),
            _list(coded, tag.OWN, where, []),
            _keys(coded, tag.LAYERS, where),
            _keys(coded, tag.OUT, where, []),
        )


@dataclass(frozen=True)
class Graph:
    """A functional model."""

    key: str
    name: Any
    kind: str
    own: Sequence[str]
    inputs: Coded
    outputs: Coded

    KIND: ClassVar = tags.Definition.OF_FUNCTIONAL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.NAME: self.name,
            tag.CLASS: self.kind,
            tag.OWN: list(self.own),
            tag.INPUTS: self.inputs,
            tag.OUTPUTS: self.outputs,
        }

    @classmethod
    def of(cls, coded: Json) -> Graph:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the class and its own methods may be missing.

        Raises:
            BoundaryError: the key, the name, the inputs or the outputs are missing, the key is no text, or the own
                methods are no list.
        """
        tag, where = tags.Definition, "a graph of layers"
        return cls(
            _text(coded, tag.KEY, where),
            _part(coded, tag.NAME, where),
            str(coded.get(tag.CLASS)),
            _list(coded, tag.OWN, where, []),
            _part(coded, tag.INPUTS, where),
            _part(coded, tag.OUTPUTS, where),
        )


@dataclass(frozen=True)
class Own:
    """A layer or an operation of a class that Keras ships."""

    key: str
    saved: Coded

    KIND: ClassVar = tags.Definition.OF_OWN

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.SAVED: self.saved}

    @classmethod
    def of(cls, coded: Json) -> Own:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: the key or what was saved is missing, or the key is no text.
        """
        tag, where = tags.Definition, "a layer of Keras's"
        return cls(_text(coded, tag.KEY, where), _part(coded, tag.SAVED, where))


@dataclass(frozen=True)
class Wrapper:
    """One of Keras's layers around one other layer."""

    key: str
    kind: tuple[Any, Any]
    config: Coded
    wrapped: str

    KIND: ClassVar = tags.Definition.OF_WRAPPER

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.CLASS: list(self.kind),
            tag.CONFIG: self.config,
            tag.WRAPPED: self.wrapped,
        }

    @classmethod
    def of(cls, coded: Json) -> Wrapper:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, a key is no text, or the class is no list of two, a module and a name.
        """
        tag, where = tags.Definition, "a wrapper"
        kind = _list(coded, tag.CLASS, where)
        if len(kind) != 2:
            raise BoundaryError(f"{where} whose {tag.CLASS!r} is no module and name")
        return cls(
            _text(coded, tag.KEY, where),
            (kind[0], kind[1]),
            _part(coded, tag.CONFIG, where),
            _text(coded, tag.WRAPPED, where),
        )


@dataclass(frozen=True)
class Written:
    """A layer that somebody wrote."""

    key: str
    kind: Json
    about: Coded

    KIND: ClassVar = tags.Definition.OF_WRITTEN

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.CLASS: self.kind, tag.ABOUT: self.about}

    @classmethod
    def of(cls, coded: Json) -> Written:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, the key is no text, or the class no dict. The rest is left to
                :meth:`.About.of`.
        """
        tag, where = tags.Definition, "a layer that somebody wrote"
        return cls(_text(coded, tag.KEY, where), _dict(coded, tag.CLASS, where), _part(coded, tag.ABOUT, where))


Definition = Call | Loose | Entrance | Stack | Graph | Own | Wrapper | Written
_DEFINITIONS: dict[str, Callable[[Json], Definition]] = {
    each.KIND: each.of for each in (Call, Loose, Entrance, Stack, Graph, Own, Wrapper, Written)
}


def definition(coded: Any) -> Definition:
    """A definition that came.

    Args:
        coded: what ``to_json`` of any of :data:`Definition` makes.

    Raises:
        BoundaryError: it is no dict, of no kind that there is, or not as its kind is to be.
    """
    if not isinstance(coded, dict):
        raise BoundaryError("a definition that is no dict")
    kind = coded.get(tags.Definition.KIND)
    of = _DEFINITIONS.get(kind) if isinstance(kind, str) else None
    if of is None:
        raise BoundaryError(f"nothing is of the kind {str(kind)[:40]!r}")
    return of(coded)


# --- states -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """The state of a layer.

    Args:
        trainable: whether it is trained.
        config: numbers and texts of its configuration, by name.
        weights: its own weights, coded arrays.
        names: of a layer that somebody wrote, name, trainable and dtype of each weight; None for others.
        build: of one of Keras's own, what it was built with, coded.
        layers: of a stack, the keys of its layers; None for others.
        out: of a stack, the keys of the tensors in it.
        compile: of a model, the arguments of ``compile``, coded; None where it is not compiled.
    """

    trainable: bool
    config: Mapping[str, Any]
    weights: Sequence[Coded] = ()
    names: Sequence[Sequence[Any]] | None = None
    build: Coded = None
    layers: Sequence[str] | None = None
    out: Sequence[str] = ()
    compile: Coded = None

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.State
        coded: Json = {tag.TRAINABLE: self.trainable, tag.CONFIG: dict(self.config)}
        if self.weights:
            coded[tag.WEIGHTS] = list(self.weights)
            if self.names is None:
                coded[tag.BUILD] = self.build
            else:
                coded[tag.NAMES] = list(self.names)
        if self.layers is not None:
            coded[tag.LAYERS], coded[tag.OUT] = list(self.layers), list(self.out)
        if self.compile is not None:
            coded[tag.COMPILE] = self.compile
        return coded

    @classmethod
    def of(cls, coded: Any) -> State:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: it is no dict, whether it is trained is no bool, the configuration no dict, the weights no
                list, their names not three each, or a stack's layers or tensors no list of texts.
        """
        tag, where = tags.State, "a state"
        if not isinstance(coded, dict):
            raise BoundaryError("a state that is no dict")
        names = None
        if tag.NAMES in coded:
            names = _list(coded, tag.NAMES, where)
            if not all(isinstance(each, list) and len(each) == 3 for each in names):
                raise BoundaryError(f"{where} whose {tag.NAMES!r} are not three a weight")
        layers, out = None, []
        if tag.LAYERS in coded:
            layers, out = _keys(coded, tag.LAYERS, where), _keys(coded, tag.OUT, where)
        return cls(
            _bool(coded, tag.TRAINABLE, where),
            _dict(coded, tag.CONFIG, where),
            _list(coded, tag.WEIGHTS, where, []),
            names,
            coded.get(tag.BUILD),
            layers,
            out,
            coded.get(tag.COMPILE),
        )


# --- messages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """A value, and what the other side has to know to understand it.

    Args:
        value: coded.
        definitions: of what is new, each after those that it depends on.
        states: by key, of the layers whose state is new.
    """

    value: Coded = None
    definitions: Sequence[Definition] = ()
    states: Mapping[str, State] = field(default_factory=dict)

    def to_json(self) -> Json:
        """What is sent."""
        return {
            tags.Key.VALUE: self.value,
            tags.Key.DEFINITIONS: [each.to_json() for each in self.definitions],
            tags.Key.STATES: {key: state.to_json() for key, state in self.states.items()},
        }

    @classmethod
    def of(cls, header: Json) -> Body:
        """What came.

        Args:
            header: of a message; a value, definitions and states may be missing.

        Raises:
            BoundaryError: the definitions are no list or more than :data:`MOST_NODES`, the states are no dict, or one
                of either is none.
        """
        where = "a message"
        definitions = _list(header, tags.Key.DEFINITIONS, where, [])
        if len(definitions) > MOST_NODES:
            raise BoundaryError(f"more than {MOST_NODES:,} calls of layers cannot be judged")
        states = _dict(header, tags.Key.STATES, where, {})
        return cls(
            header.get(tags.Key.VALUE),
            [definition(each) for each in definitions],
            {key: State.of(each) for key, each in states.items()},
        )


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Args:
        command: one of :class:`.tags.Command`.
        body: with what.
        seed: what random numbers follow from, from 0 to 2**31 - 1; None if from nothing.
        seconds: how long it may take; None for any time.
    """

    command: str
    body: Body
    seed: int | None = None
    seconds: float | None = None

    def to_json(self) -> Json:
        """What is sent."""
        limit = {} if self.seconds is None else {tags.Key.SECONDS: self.seconds}
        return {
            tags.Key.KIND: tags.Kind.REQUEST,
            tags.Key.COMMAND: self.command,
            tags.Key.SEED: self.seed,
            **limit,
            **self.body.to_json(),
        }


@dataclass(frozen=True)
class Asked:
    """A request that came, whose body is still packed: what is in it belongs to what may go wrong while it is served.

    Args:
        command: what for.
        seed: see :class:`Request`; None if it is no whole number.
        seconds: the same; None if it is no number.
    """

    command: str
    seed: int | None
    seconds: float | None

    @classmethod
    def of(cls, header: Json) -> Asked:
        """What came.

        Args:
            header: of a message for which :func:`is_request` holds.

        Raises:
            BoundaryError: its command is missing or no text.
        """
        seed, seconds = header.get(tags.Key.SEED), header.get(tags.Key.SECONDS)
        return cls(
            _text(header, tags.Key.COMMAND, "a request"),
            seed if type(seed) is int else None,
            seconds if isinstance(seconds, (int, float)) else None,
        )


@dataclass(frozen=True)
class ToldError:
    """What is told of an exception.

    Args:
        kinds: the names of its class and of those that this derives from, in the order in which Python looks.
        message: its text, at most 4,000 characters.
        name: of a ``NameError``, the name that is missing.
        boundary: whether it is a :class:`~.wire.BoundaryError`.
        cannot_cross: whether it is a :class:`~.wire.CannotCross`.
    """

    kinds: Sequence[Any]
    message: str = ""
    name: str | None = None
    boundary: bool = False
    cannot_cross: bool = False

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Error
        return {
            tag.KINDS: list(self.kinds),
            tag.MESSAGE: self.message,
            tag.NAME: self.name,
            tag.BOUNDARY: self.boundary,
            tag.CANNOT_CROSS: self.cannot_cross,
        }

    @classmethod
    def of(cls, coded: Any) -> ToldError:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; all but the kinds may be missing.

        Raises:
            BoundaryError: it is no dict, or its kinds are no list.
        """
        tag = tags.Error
        if not isinstance(coded, dict) or not isinstance(coded.get(tag.KINDS), list):
            raise BoundaryError("what came is no answer")
        name = coded.get(tag.NAME)
        # Half a character, which Python's texts can hold, cannot be written to a file.
        message = str(coded.get(tag.MESSAGE) or "")[:MOST_MESSAGE].encode("utf-8", "replace").decode()
        return cls(
            coded[tag.KINDS],
            message,
            name if isinstance(name, str) else None,
            bool(coded.get(tag.BOUNDARY)),
            bool(coded.get(tag.CANNOT_CROSS)),
        )


MOST_MESSAGE = 4_000
"""Characters of an exception's text."""


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Args:
        body: with what.
        printed: what was printed meanwhile.
        error: what was raised; None if nothing was.
    """

    body: Body
    printed: str = ""
    error: ToldError | None = None

    def to_json(self) -> Json:
        """What is sent."""
        kind: Json = {tags.Key.KIND: tags.Kind.ANSWER}
        if self.error is not None:
            kind = {tags.Key.KIND: tags.Kind.ERROR, tags.Key.ERROR: self.error.to_json()}
        return {**kind, **self.body.to_json(), tags.Key.PRINTED: self.printed}


@dataclass(frozen=True)
class Answered:
    """An answer that came, whose body and error are still packed: what was printed is shown before either is read.

    Args:
        is_error: whether something was raised.
        printed: what was printed; empty if that is no text.
    """

    is_error: bool
    printed: str

    @classmethod
    def of(cls, header: Json) -> Answered:
        """What came.

        Args:
            header: of a message.

        Raises:
            BoundaryError: it is neither an answer nor an error.
        """
        kind, printed = header.get(tags.Key.KIND), header.get(tags.Key.PRINTED)
        if kind not in (tags.Kind.ANSWER, tags.Kind.ERROR):
            raise BoundaryError("what came is no answer")
        return cls(kind == tags.Kind.ERROR, printed if isinstance(printed, str) else "")


def is_request(header: Json) -> bool:
    """Whether the header of a message that came asks for something."""
    return header.get(tags.Key.KIND) == tags.Kind.REQUEST
