"""What can be wrong with an answer, in a closed list of sentences.

A hidden criterion may not quote what it found, which could hold hidden inputs, but it may say which of these sentences
is true. So a sentence names a kind of difference and holds no number, no name and no text of anybody's. Each has to be
true wherever a check chooses it.
"""

from __future__ import annotations

import enum


class Fault(enum.Enum):
    """A kind of difference between what was asked for and what was found; its value is what learners read.

    A test may give one as the message of an ``assert``.

    Example:

    >>> Fault.ACTIVATION.value
    'an activation differs'
    """

    KIND = "it isn't the kind of object that was asked for"
    NAME = "a name or a key differs"
    DECISION = "what is decided, or which names are listed, differs"
    SHAPE = "a shape, or the number of inputs or outputs, differs"
    WEIGHTS = "its weights differ in number or in shape"
    ACTIVATION = "an activation differs"
    POOLING = "the pooling differs"
    MERGE = "what joins two tensors differs"
    ORDER = "tensors or layers stand in another order"
    PADDING = "padding, strides or masking differ"
    SCALE = "numbers are scaled otherwise"
    DROPPED = "what it drops in training differs"
    CONNECTED = "what is connected to what differs"
    OUTPUTS = "with the right weights its outputs differ: in what it computes, or in what is connected to what"
    SHARING = "what is shared differs, or how many layers there are"
    COPY = "it doesn't hold what it was given: a copy has weights of its own"
    CHANGED = "what was given was changed"
    TRAINS = "what training changes, and what it leaves alone, differs"
    COMPILED = "it isn't compiled as was asked for"
    SAVED = "it doesn't come back from a file as it was"
    LEARNED = "it learned less than was asked for"
    NUMBERS = "its numbers differ"
    PROBABLE = "its numbers are no probabilities"
    VALUES = "its weights hold other numbers"
    ACCEPTED = "it takes what should be an error"
    PRINTS = "it prints something"
    LEAKED = "what is held out is among what it trains on"
    UNDEFINED = "some of its numbers are NaN or infinite"
    TWICE = "asked the same again, it gives other numbers, as where weights are drawn anew"
    UNMOVED = "it gives the same for other inputs, whatever is asked for"
    SWAPPED = "with its numbers swapped it would be right"
    TURNED = "its numbers are turned around: each is one minus what it should be"
    PARAMETERS = "a number of parameters differs"
    CALLS = "the number of layers that compute differs"
    SIGN = "a sign differs: what should be added is subtracted, or the other way round"
    LOSS = "the loss of an output, or its weight among the losses, differs"
    OPTIMIZER = "the optimizer, or its learning rate, differs"
    UNCHANGED = "what it should change is as it was, with other inputs than the shown ones at least"
    UNTRAINED = "nothing was trained: its weights are those that it began with"
    TIES = "ties differ: what is equal is counted otherwise"
    CONSTANT = "all its values are the same, where they should differ"
    POWER = "its values are the squares or the roots of the right ones"
    DISTANCE = "the distance differs: it adds absolute values in the place of squares, or the other way round"
    MODE = "a model is asked as in training, not as in use"
    AVERAGED = "what stands for several scores is another number than their mean, such as their median"
    REDRAWN = "numbers that should be drawn anew are the same, where they should differ"
    UNSCALED = "large numbers reach its first layer: they aren't scaled"
    SEED = "the same seed gives other numbers: what is drawn, such as weights, doesn't start from it"
    CHOICE = "what is chosen isn't the best, or one to choose from is left out"
    RAISED = "the error that it raises differs from the one that was asked for"

    def __str__(self) -> str:
        return self.value


def fault_of(error: BaseException) -> Fault | None:
    """The fault that a failed check or assertion carries, as its ``fault`` or as its message; None if it has none.

    Nothing else counts: an error may have been made by an answer, and so may whatever it carries. So the answer is a
    member of :class:`Fault`, whatever the error says of itself.

    Example:

    >>> fault_of(AssertionError(Fault.COPY)), fault_of(AssertionError("a copy"))
    (<Fault.COPY: "it doesn't hold what it was given: a copy has weights of its own">, None)
    """
    if not isinstance(error, AssertionError):
        return None
    for carried in (error.__dict__.get("fault"), *BaseException.__dict__["args"].__get__(error)[:1]):
        # Not isinstance(), which asks an object for its class.
        if type(carried) is Fault:
            return carried
    return None
