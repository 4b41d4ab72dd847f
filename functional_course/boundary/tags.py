"""Every key and every tag of a message between the two sides, in one table.

A message is a header in JSON and the bytes of arrays (:mod:`.wire`). The header says what kind of message it is, and
its body a value and what the other side has to know to understand it: definitions of layers and tensors that it was not
told of, and the states of layers that have changed (:mod:`.messages`). A value is JSON, and what JSON has not is an
object with a tag (:mod:`.values`, :mod:`.packing`).

"Learner" and "judge" are the two sides, and "either" sends what stands under the key. The judge checks all that it
receives; the learner's side trusts the judge.
"""

from __future__ import annotations

from typing import Final


class Key:
    """Keys of a header."""

    ARRAYS: Final = "arrays"
    """Either. The number of bytes of each array that follows. Whole numbers that add up to what comes, and not too
    many."""
    NAMES: Final = "names"
    """Either. How many layers of each kind Keras has named there. Whatever is no dict of fewer than 10,000 whole
    numbers below 1,000,000,000 is left out."""
    KIND: Final = "kind"
    """Either. A :class:`Kind`: a request where one is served, any of them where an answer is waited for."""
    COMMAND: Final = "command"
    """Either, in a request. A :class:`Command`. A text; the judge serves few, and none that runs its own layers."""
    SEED: Final = "seed"
    """Judge, in a request: what the random numbers of the learner's side follow from, from 0 to 2**31 - 1; None for
    commands that draw none. The judge ignores one that comes."""
    SECONDS: Final = "seconds"
    """Judge, in a request: how long it may take, in seconds by the clock; absent for any time. The judge ignores one
    that comes."""
    VALUE: Final = "value"
    """Either. A coded value: what is asked with, or what is answered. Decoded, see :class:`Tag`."""
    DEFINITIONS: Final = "definitions"
    """Either. A list of :class:`Definition`, each after what it depends on; at most ``messages.bodies.MOST_NODES``."""
    STATES: Final = "states"
    """Either. By the key of a layer, its :class:`State`. The judge takes it only for what the other side made, and for
    what it was given to change."""
    ERROR: Final = "error"
    """Either, in an error. See :class:`Error`."""
    PRINTED: Final = "printed"
    """Either, in an answer or an error. What was printed. The judge shows it, cut off, or says that it is left out;
    ignored if it is no text."""


class Kind:
    """What a message is."""

    REQUEST: Final = "request"
    ANSWER: Final = "answer"
    ERROR: Final = "error"
    """In the place of an answer."""


class Command:
    """What may be asked for. With each goes a list: the key of something that this side was sent, and with what.

    The judge serves calls of functions and objects of classes that it sent, and whatever reads; see
    ``JudgingPeer._check_may_be_asked``.
    """

    CALL: Final = "call"
    """Arguments and named arguments. Answered with what is returned; by the learner's side, with what became of the
    arguments, too."""
    RECORD: Final = "record"
    """Arguments and named arguments with a :class:`Spec` for each tensor. Answered with the nodes, the result and the
    layers that are read besides."""
    OUTLINE: Final = "outline"
    """The same. Answered with a :class:`Spec` for each tensor that is returned."""
    BUILD: Final = "build"
    """The shape of the input. Answered with the layer, and so with its weights."""
    BUILD_FOR: Final = "build_for"
    """As :attr:`RECORD`. Answered with the layer, and so with its weights."""
    STORE: Final = "store"
    """A layer. Answered with what it writes into a file, arrays by name. The judge does not serve it."""
    LOAD: Final = "load"
    """A layer, and what is in a file. The judge does not serve it."""
    READS: Final = "reads"
    """Nothing. Answered with the layers that something reads without their being parts of it; by the judge, with those
    of them that it has sent."""
    APPLY: Final = "apply"
    """Arguments, named arguments, weights, and whether gradients may be asked for. Answered with a number for
    :attr:`PULL`, what is returned, losses, and the weights that have changed."""
    APPLY_OUTLINE: Final = "apply_outline"
    """As :attr:`RECORD`. Answered as :attr:`OUTLINE`, with the losses."""
    PULL: Final = "pull"
    """The number of an :attr:`APPLY`, and gradients for what it returned. Answered with those for what it was given."""
    CONSTRUCT: Final = "construct"
    """Arguments and named arguments of a class. Answered with the key of the layer, and an :class:`About`."""
    METHOD: Final = "method"
    """``get_config`` or ``from_config``, arguments and named arguments. The judge makes a layer only from a
    configuration that it gave."""

    RUN: Final = "run"
    """The judge's: run a cell, see ``LearnerSide.run``. Only the learner's side serves this and the following."""
    JUDGE: Final = "judge"
    """The judge's: the cells have run, and are gone through again."""
    AT: Final = "at"
    """The judge's: return to the moment after a cell."""
    ENTER: Final = "enter"
    """The judge's: what was told of a cell has been read."""
    SYNC: Final = "sync"
    """The judge's: nothing, but for the states that go along."""


class Tag:
    """Keys of a coded value that is more than JSON, and its tags.

    Every tagged value comes from either side. The decoder refuses whatever an encoder does not make.
    """

    TAG: Final = "t"
    """One of the tags below."""
    VALUE: Final = "v"
    """What the tag says."""
    DTYPE: Final = "d"
    """Of an array: its NumPy dtype, such as ``<f4``. One of numbers, bools or texts."""
    SHAPE: Final = "s"
    """Of an array: its shape. It fits the bytes."""
    NAME: Final = "name"
    """Of a function or a class: its name. Cut off; only an identifier becomes a name here."""
    REGISTERED: Final = "registered"
    """Of a class: the name that it is registered by in Keras, or None. It takes no name of Keras's or the course's."""
    PARAMETERS: Final = "parameters"
    """Of a class: name, kind and default of its ``call``'s parameters, or None. They make a signature."""
    BASE: Final = "base"
    """Of a class: a name in ``allowed.RUNS_OTHER_CODE``, or :attr:`MODEL`. Ignored if it is neither."""
    MODEL: Final = "Model"

    TUPLE: Final = "tuple"
    SET: Final = "set"
    FROZENSET: Final = "frozenset"
    DICT: Final = "dict"
    """Pairs of coded keys and values."""
    INT: Final = "int"
    """One that a float cannot hold, in hexadecimal."""
    FLOAT: Final = "float"
    """``nan`` or an infinity."""
    SLICE: Final = "slice"
    BYTES: Final = "bytes"
    """In base 64."""
    COMPLEX: Final = "complex"
    RANGE: Final = "range"
    KEYWORD: Final = "keyword"
    """``None``, ``Ellipsis`` or ``NotImplemented``, by name."""
    ARRAY: Final = "array"
    """The place of its bytes among the arrays of the message."""
    SCALAR: Final = "scalar"
    """A NumPy scalar, as an array."""
    TENSOR: Final = "tensor"
    """A backend tensor, as an array."""
    OPAQUE: Final = "opaque"
    """The name of a type that does not cross."""
    SYMBOL: Final = "symbol"
    """The key of a symbolic tensor. The other side made it, or was sent it."""
    OPERATION: Final = "operation"
    """The key of a layer or an operation. The same."""
    NAMED: Final = "named"
    """Module and name of a class or function of Keras. It is on the list (:mod:`.allowed`)."""
    SAVED: Final = "saved"
    """What Keras saves of an object of its own, coded. Every name in it is on the list (:mod:`.configs`)."""
    PLACE: Final = "name"
    """The place of a tensor or a variable in a recording."""
    FUNCTION: Final = "function"
    """The key of a function, which stays where it is."""
    CLASS: Final = "class"
    """The key of a class of layers. The same."""


class Definition:
    """Keys of a definition, and its kinds. Either side sends them."""

    KIND: Final = "kind"
    """One of the kinds below."""
    KEY: Final = "key"
    """What it is known by from now on. A text; the judge takes none that begins as its own do."""
    OPERATION: Final = "operation"
    """Of a call: the key of what is called. A layer or an operation."""
    ARGS: Final = "args"
    """Of a call: coded. With a symbolic tensor among them."""
    KWARGS: Final = "kwargs"
    """Of a call: coded."""
    OUT: Final = "out"
    """Keys of the tensors that come out. As many as do."""
    SHAPE: Final = "shape"
    """Of a tensor: a list."""
    DTYPE: Final = "dtype"
    """Of a tensor: its name. Keras checks it."""
    CONFIG: Final = "config"
    """Of an input or a wrapper: coded. A wrapper's names nothing that is not on the list."""
    NAME: Final = "name"
    """Of a model: its name. Keras checks it."""
    LAYERS: Final = "layers"
    """Of a stack: keys of its layers."""
    INPUTS: Final = "inputs"
    """Of a graph: its inputs, coded."""
    OUTPUTS: Final = "outputs"
    """Of a graph: its outputs, coded."""
    CLASS: Final = "class"
    """Of a model: its name, cut off. Of a wrapper: module and name, on the list. Of a written layer: coded, a
    :attr:`Tag.CLASS`."""
    OWN: Final = "own"
    """Of a model: the steps that its class does otherwise than Keras. Others than those on a list are ignored."""
    SAVED: Final = "saved"
    """Of a layer of Keras's own: as :attr:`Tag.SAVED`, without the tag."""
    WRAPPED: Final = "wrapped"
    """Of a wrapper: the key of the layer in it."""
    ABOUT: Final = "about"
    """Of a written layer: an :class:`About`, coded."""

    OF_CALL: Final = "call"
    OF_TENSOR: Final = "tensor"
    """One that nothing made."""
    OF_INPUT: Final = "input"
    OF_SEQUENTIAL: Final = "sequential"
    OF_FUNCTIONAL: Final = "functional"
    OF_OWN: Final = "own"
    """A layer or an operation of a class of Keras."""
    OF_WRAPPER: Final = "wrapper"
    """One of Keras's around another layer."""
    OF_WRITTEN: Final = "written"
    """A layer that somebody wrote, which stays where it is."""


class State:
    """Keys of a layer's state. Either side sends them."""

    TRAINABLE: Final = "trainable"
    """Whether it is trained. A bool."""
    CONFIG: Final = "config"
    """Numbers and texts of its configuration by name. Only attributes that its configuration has are set."""
    WEIGHTS: Final = "weights"
    """Its own weights, coded arrays. As many as it has."""
    NAMES: Final = "names"
    """Of a written layer: name, trainable and dtype of each weight."""
    TRAINED: Final = "trained"
    """Whether each of its own weights is trained, where that is set weight by weight. Bools, as many as it has."""
    BUILD: Final = "build"
    """Of one of Keras's own: what it was built with, coded."""
    LAYERS: Final = "layers"
    """Of a stack: keys of its layers."""
    OUT: Final = "out"
    """Of a stack: keys of the tensors in it."""
    COMPILE: Final = "compile"
    """Of a model: the arguments of ``compile``, coded. No other, and no registered names."""


class About:
    """Keys of what there is to know of a layer that somebody wrote. Either side sends them."""

    NAME: Final = "name"
    """Keras checks it."""
    DTYPE: Final = "dtype"
    """The name of its dtype policy, or None. Keras checks it."""
    MASKING: Final = "masking"
    """Whether it takes masks."""
    BUILT: Final = "built"
    """Whether it is built."""
    LAYERS: Final = "layers"
    """The layers in it. Layers."""
    SAVES: Final = "saves"
    """Whether it has ways of its own to and from a file."""
    STATE_SIZE: Final = "state_size"
    """Of a cell: a whole number, or a list or tuple of such; else None."""
    OUTPUT_SIZE: Final = "output_size"
    """The same."""


class Error:
    """Keys of what is told of an exception. Either side sends them."""

    KINDS: Final = "kinds"
    """The names of its class and of the classes that this derives from. A list; only Python's own are raised here."""
    MESSAGE: Final = "message"
    """Its text, at most 4,000 characters. Cut off, or left out where it may quote hidden inputs."""
    NAME: Final = "name"
    """Of a ``NameError``: the name. Left out likewise."""
    BOUNDARY: Final = "boundary"
    """Whether it is a :class:`~.wire.BoundaryError`."""
    CANNOT_CROSS: Final = "cannot_cross"
    """Whether it is a :class:`~.wire.CannotCross`."""


class Spec:
    """Keys of the shape and dtype that stand for a tensor. Either side sends them."""

    IS: Final = "is"
    """Always :attr:`SPEC`."""
    SPEC: Final = "spec"
    SHAPE: Final = "shape"
    """A list of whole numbers and None."""
    DTYPE: Final = "dtype"
    """Its name."""
