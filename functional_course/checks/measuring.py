"""Checks of what a learner measured: scores over seeds, what follows from them, and a model against its baseline.

They judge numbers by the learner's own: no score has to be a certain one, and no verdict is the right one but the one
that the scores give.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.failure import CheckFailed
from functional_course.checks.outputs import check_probabilities
from functional_course.faults import Fault
from functional_course.models import Graph

import keras
import numpy as np

_ROUNDED = 1e-4
"""Numbers that somebody rounded to four places are still the same."""


def check_scores(scores: object, names: Collection[str], seeds: Sequence[int]) -> None:
    """For each variant there is one score a seed, from 0 to 1, and the scores are not all the same.

    Args:
        scores: what a learner returned: a dict from the names to lists, tuples or arrays of numbers.
        names: the variants that were asked for.
        seeds: the seeds that were given, at least two different ones.

    Raises:
        CheckFailed: naming the variant.

    Example:

    >>> check_scores({"plain": [0.7, 0.8], "skip": [0.9, 0.85]}, ["plain", "skip"], seeds=[0, 1])
    """
    for name, found in _by_name(scores, names).items():
        numbers = _numbers(found, f"scores for {name!r}")
        if numbers.shape != (len(seeds),):
            raise CheckFailed(f"{len(seeds)} scores for {name!r}, one a seed", _count(numbers), Fault.SHAPE)
        if not np.all((numbers >= 0) & (numbers <= 1)):
            raise CheckFailed(
                f"scores from 0 to 1 for {name!r}", f"{numbers.min():.3g} to {numbers.max():.3g}", Fault.NUMBERS
            )
        if len(set(seeds)) > 1 and np.ptp(numbers) == 0:
            raise CheckFailed(
                f"scores for {name!r} that differ between seeds", f"{numbers[0]:.3g} for every seed", Fault.NUMBERS
            )


def check_decision(decided: object, scores: Mapping[str, Sequence[float]]) -> None:
    """Mean and spread are those of the scores, and ``better`` is what these numbers say.

    Args:
        decided: what a learner returned: a dict with ``"mean"`` and ``"spread"``, each a dict from the variants' names
            to numbers, and ``"better"``, the name of a variant or None. A spread is a standard deviation, divided by
            the number of scores or by one less.
        scores: from the names of two variants to their scores.

    Raises:
        CheckFailed: naming what does not follow from the scores.

    Example:

    >>> decided = {"mean": {"a": 0.5, "b": 0.9}, "spread": {"a": 0.1, "b": 0.0}, "better": "b"}
    >>> check_decision(decided, {"a": [0.4, 0.6], "b": [0.9, 0.9]})
    """
    parts = _by_name(decided, ("mean", "spread", "better"))
    means, spreads = (
        {name: _number(each, f"the {part} of {name!r}") for name, each in _by_name(parts[part], scores).items()}
        for part in ("mean", "spread")
    )
    for name, numbers in scores.items():
        if not abs(means[name] - np.mean(numbers)) <= _ROUNDED:
            raise CheckFailed(f"{np.mean(numbers):.3f} as the mean of {name!r}", f"{means[name]:.3f}", Fault.NUMBERS)
        deviations = [float(np.std(numbers, ddof=ddof)) for ddof in (0, 1)]
        if not min(abs(spreads[name] - each) for each in deviations) <= _ROUNDED:
            raise CheckFailed(f"{deviations[0]:.3f} as the spread of {name!r}", f"{spreads[name]:.3f}", Fault.NUMBERS)
    first, second = scores
    apart = means[second] - means[first]
    larger = max(spreads[name] for name in scores)
    clear = abs(apart) > larger
    better = (second if apart > 0 else first) if clear else None
    found = parts["better"]
    # At the border itself rounding decides, so either word will do.
    if found != better and not (found in (None, *scores) and abs(abs(apart) - larger) <= _ROUNDED):
        said = f"means that are {abs(apart):.3f} apart and a larger spread of {larger:.3f}"
        raise CheckFailed(f"{better!r} as `better`, for {said}", repr(found), Fault.DECISION)


def check_held_out(train: object, test: object, most: float = 0.1) -> None:
    """Few of the rows held out are among the rows to train on.

    Args:
        train: an array, or a dict or list of arrays with one row for each example.
        test: the same, of what is held out.
        most: the largest share of rows held out that may occur in both.

    Raises:
        CheckFailed: giving the share.

    Example:

    >>> check_held_out(np.eye(3), 2 * np.eye(3))
    """
    seen = set(_rows(train))
    held_out = _rows(test)
    share = float(np.mean([row in seen for row in held_out])) if held_out else 0.0
    if share > most:
        raise CheckFailed(
            f"at most {most:.0%} of the rows held out among the rows to train on", f"{share:.0%}", Fault.LEAKED
        )


def check_beats_baseline(
    model: keras.Model, x_test: object, y_test: np.ndarray, points: float = 0.05, less: float = 0.1
) -> None:
    """On rows held out the model is better than one answer for all of them, even than the best one.

    Integers are classes: the share of right answers is above that of the class that is most frequent in these rows.
    Floats are amounts: the squared error is below that of their mean. What is usual in the rows to train on would be
    less to beat: a model that always gives another class passes where the rows held out have more of it.

    Args:
        model: a trained model with one output, ``(None, 1)`` or ``(None, classes)``.
        x_test: inputs held out, as the model takes them.
        y_test: their targets, of shape ``(m,)`` or ``(m, 1)``.
        points: for classes, by how much it has to be better.
        less: for amounts, which share of the error has to be gone.

    Raises:
        CheckFailed: giving both numbers, or a shape that does not fit, or what is no probability; or targets with which
            no model can be better, because they are all the same or nearly so.
    """
    y_test = _one_a_row(y_test)
    if y_test.dtype.kind not in "biuf":
        raise CheckFailed("integers for classes, or floats for amounts", f"targets of {y_test.dtype}", Fault.KIND)
    # In another order than they are in: an answer has to come from its row, and not from the row's place.
    order = np.random.default_rng(0).permutation(len(y_test))
    y_test = y_test[order]
    x_test = keras.tree.map_structure(lambda rows: np.asarray(rows)[order], x_test)
    found = outputs_of(model, x_test)[0]
    if found.ndim != 2 or len(found) != len(y_test):
        raise CheckFailed(
            f"an output of shape ({len(y_test)}, 1) or ({len(y_test)}, classes)", str(found.shape), Fault.SHAPE
        )
    if np.isnan(found).all() or (found.shape[1] == 1 and np.isnan(found).any()):
        asked = "outputs that are numbers"
        raise CheckFailed(asked, f"NaN{why_too_little(model, x_test, classes=False)}", Fault.UNDEFINED)
    if y_test.dtype.kind in "biu":
        if found.shape[1] == 1 and not (np.min(found) >= 0 and np.max(found) <= 1):
            told = _extent(found)
            asked = "the probability of class 1, from 0 to 1, since the targets are integers (amounts are floats)"
            raise CheckFailed(asked, told, Fault.PROBABLE)
        usual = float(np.unique(y_test, return_counts=True)[1].max() / len(y_test))
        if usual + points > 1:
            asked = f"rows held out of which one class has at most {1 - points:.0%}, so that a model can be better"
            raise CheckFailed(asked, f"{usual:.1%}", Fault.NUMBERS)
        answers = found[:, 0] > 0.5 if found.shape[1] == 1 else found.argmax(axis=1)
        right = float(np.mean(answers == y_test))
        if not right >= usual + points:
            asked = (
                f"at least {usual + points:.1%} of the rows held out right, where one class for all gets {usual:.1%}"
            )
            fault = Fault.LEARNED if _are_probabilities(found) else Fault.PROBABLE
            told = why_too_little(model, x_test)
            raise CheckFailed(asked, f"{right:.1%}{told}", Fault.UNSCALED if _UNSCALED in told else fault)
    else:
        if found.shape[1] != 1:
            raise CheckFailed(f"an output of shape ({len(y_test)}, 1) for amounts", str(found.shape), Fault.SHAPE)
        answers, y_test = found[:, 0].astype("float64"), y_test.astype("float64")
        with np.errstate(over="ignore", invalid="ignore"):
            usual, size = float(np.var(y_test)), float(np.mean(y_test**2))
        if not usual > 1e-12 * size or not np.isfinite(usual):
            raise CheckFailed(
                "amounts that differ, so that a model can be better than their mean", _extent(y_test), Fault.NUMBERS
            )
        with np.errstate(over="ignore", invalid="ignore"):
            error = float(np.mean((answers - y_test) ** 2))
        if not error <= usual * (1 - less):
            asked = f"a squared error of at most {usual * (1 - less):.3g}, where the mean for all has {usual:.3g}"
            told, fault = why_too_little(model, x_test, classes=False), Fault.LEARNED
            if _UNSCALED in told:
                fault = Fault.UNSCALED
            elif _least_error(answers, y_test) <= usual * (1 - less):
                told, fault = f"{told}: scaled otherwise, its outputs would be near enough", Fault.SCALE
            raise CheckFailed(asked, f"{error:.3g}{told}", fault)


def check_learns(make: Callable[[], Any], check: Callable[[Any], None], seeds: Sequence[int]) -> None:
    """A function makes a model that is good enough from one of some seeds: a bad start is no fault of an answer.

    Args:
        make: makes a model and trains it.
        check: of what was made, such as :func:`check_beats_baseline`.
        seeds: to begin from, in turn, as long as the model only learned too little.

    Raises:
        CheckFailed: from none of the seeds; it says what was found from the first. Any other fault is raised at once.

    Example:

    >>> check_learns(lambda: keras.Sequential(), lambda model: None, seeds=(0, 1))
    """
    first: CheckFailed | None = None
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        try:
            check(make())
        except CheckFailed as failure:
            if failure.fault not in _BY_CHANCE:
                raise
            first = first or failure
        else:
            return
    if first is not None:
        raise first


_BY_CHANCE = frozenset({Fault.LEARNED, Fault.SCALE})
"""What is found where training began badly, or went on for too short a time."""


def _if_the_same(found: np.ndarray) -> str:
    """What there is to say of outputs if they are the same for every row."""
    if not np.ptp(found, axis=0).max() <= _LAST_DIGIT:  # NaN too
        return ""
    by_softmax = found.shape[1] == 1 and abs(found[0, 0] - 1) <= _LAST_DIGIT
    return ", with 1 for every row, as a softmax over one number gives" if by_softmax else ", with one answer for all"


def why_too_little(model: keras.Model, rows: object, classes: bool = True) -> str:
    """What can be seen of a model that learned too little, to be said behind how little it was.

    It never raises, and says nothing but what is so: that every row has one answer, that outputs are no
    probabilities, that large numbers reach the first layer, that outputs are dropped in training, that no bias has
    moved from zero.

    Args:
        model: a model with one output.
        rows: inputs as the model takes them.
        classes: whether the output should be a probability, or one for each class.

    Returns:
        Words that begin with a comma or a semicolon, or nothing.

    Example:

    >>> why_too_little(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "softmax")]), np.ones((3, 2)))
    ', with 1 for every row, as a softmax over one number gives; no bias differs from zero, as before any training'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Keras warns of is said
            found = outputs_of(model, rows)[0]
            said = _if_the_same(found)
            if classes and not _are_probabilities(found):
                said += f", with outputs that are no probabilities: {_extent(found)}"
            return said + _if_unscaled(model, rows) + _if_dropped(model, rows, found) + _if_begun(model)
    except Exception:  # a diagnosis is a favour
        return ""


def _if_dropped(model: keras.Model, rows: object, found: np.ndarray) -> str:
    """What there is to say if outputs become zero at random in training."""
    with weights_kept(model):
        drawn = keras.ops.convert_to_numpy(model(rows, training=True))
    dropped = float(np.mean((drawn == 0) & (found != 0)))
    return f"; in training, {dropped:.0%} of its outputs are dropped to zero" if dropped > 0.05 else ""


def _if_begun(model: keras.Model) -> str:
    """What there is to say if all biases are zero still."""
    biases = [weight for weight in model.trainable_weights if weight.name == "bias"]
    still = bool(biases) and not any(np.any(keras.ops.convert_to_numpy(bias)) for bias in biases)
    return "; no bias differs from zero, as before any training" if still else ""


def _are_probabilities(found: np.ndarray) -> bool:
    try:
        check_probabilities(found)
    except CheckFailed:
        return False
    return True


_LAST_DIGIT = 1e-6
"""By so much a softmax over one number may be off 1."""

_USUAL = 20.0
"""Standardised rows and prepared pixels are rarely larger."""


def _if_unscaled(model: keras.Model, rows: object) -> str:
    """What there is to say of large numbers that reach the first layers with weights that train."""
    try:
        graph = Graph(model)
        made = {id(tensor) for call in graph.calls if call.operation.trainable_weights for tensor in call.outputs}
        # As the model takes them: Keras warns of rows in another structure.
        entries = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
        largest = 0.0
        for call in graph.calls:
            operation = call.operation
            if not hasattr(operation, "kernel") or any(id(tensor) in made for tensor in call.inputs):
                continue
            (numbers,) = outputs_of(keras.Model(entries, call.inputs[0]), rows)
            largest = max(largest, float(np.nanmax(np.abs(numbers))))  # an Embedding beside may have become NaN
    except Exception:  # a diagnosis is a favour: no graph, or inputs that are no numbers
        return ""
    return f"; numbers of up to {largest:,.0f} reach its first layer: {_UNSCALED}" if largest > _USUAL else ""


_UNSCALED = "they aren't scaled"


def _least_error(answers: np.ndarray, wanted: np.ndarray) -> float:
    """The squared error of these answers, multiplied by one number and with another one added; infinity for NaN."""
    if not np.all(np.isfinite(answers)) or np.ptp(answers) == 0:
        return np.inf
    return float(np.var(wanted) * (1 - np.corrcoef(answers, wanted)[0, 1] ** 2))


def _extent(amounts: np.ndarray) -> str:
    return f"numbers from {np.min(amounts):.3g} to {np.max(amounts):.3g}"


def _one_a_row(targets: object) -> np.ndarray:
    """Targets of shape ``(n,)`` or ``(n, 1)`` as ``(n,)``: the two compared would be every row with every other."""
    targets = np.asarray(targets)
    if targets.shape[1:] not in ((), (1,)) or targets.ndim == 0:
        raise CheckFailed("targets of shape (n,) or (n, 1), one for each row", str(targets.shape), Fault.SHAPE)
    return targets.reshape(-1)


def turned_around(targets: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Other targets that can be learned as well: each class becomes the next one, large amounts become small ones.

    Args:
        targets: integers for classes, or floats for amounts.
        like: all targets, which say how many classes or which amounts there are.

    Example:

    >>> turned_around(np.array([0, 1, 2]), like=np.array([0, 1, 2]))
    array([1, 2, 0])
    >>> turned_around(np.array([1.0, 5.0]), like=np.array([1.0, 9.0]))
    array([9., 5.])
    """
    targets, like = np.asarray(targets), np.asarray(like)
    if like.dtype.kind in "biu":
        return ((targets.astype("int64") + 1) % (int(like.max()) + 1)).astype("int64")
    return (like.max() + like.min() - targets).astype(like.dtype)


def check_linear_readout(
    features: np.ndarray, wanted: np.ndarray, what: str, tolerance: float = 1e-3, fault: Fault = Fault.NUMBERS
) -> None:
    """A linear layer on top of the features can compute what is wanted.

    The layer is fitted by least squares to the rows given, so give many more rows than features.

    Args:
        features: of shape ``(rows, n)``.
        wanted: of shape ``(rows, m)``.
        what: what is wanted, for the message.
        tolerance: the largest error that is left to rounding.
        fault: what kind of difference it is if there is an error.

    Raises:
        CheckFailed: the fit leaves an error.

    Example:

    >>> a, b = np.random.default_rng(0).normal(size=(2, 50, 1))
    >>> check_linear_readout(np.concatenate([a, b], axis=1), a - b, "the difference")
    """
    given = np.concatenate([np.asarray(features, "float64"), np.ones((len(features), 1))], axis=1)
    weights, *_ = np.linalg.lstsq(given, wanted, rcond=None)
    largest = float(np.max(np.abs(given @ weights - wanted)))
    if not largest <= tolerance:
        raise CheckFailed(f"numbers from which a linear layer computes {what}", f"errors of up to {largest:.2g}", fault)


def _by_name(found: object, names: Collection[str]) -> Mapping:
    if not isinstance(found, Mapping):
        raise CheckFailed(f"a dict with {_quoted(names)}", f"a {type(found).__name__}", Fault.KIND)
    if set(found) != set(names):
        raise CheckFailed(f"a dict with {_quoted(names)}", f"one with {_quoted(found) or 'nothing'}", Fault.NAME)
    return found


def _numbers(found: object, what: str) -> np.ndarray:
    try:
        return np.asarray(found, dtype="float64")
    except (TypeError, ValueError) as error:
        raise CheckFailed(f"numbers as {what}", _kind(found), Fault.KIND) from error


def _number(found: object, what: str) -> float:
    numbers = _numbers(found, what)
    if numbers.size != 1 or found is None:
        raise CheckFailed(f"one number as {what}", _kind(found), Fault.KIND)
    return float(numbers.reshape(()))


def _kind(found: object) -> str:
    return "None" if found is None else f"a {type(found).__name__} that holds something else"


def _quoted(names: Collection[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _count(numbers: np.ndarray) -> str:
    return str(len(numbers)) if numbers.ndim == 1 else f"an array of shape {numbers.shape}"


def _rows(arrays: object) -> list[bytes]:
    """Each row of some arrays as bytes, those of all arrays together."""
    flat = [np.asarray(array) for array in keras.tree.flatten(arrays)]
    return [b"|".join(np.ascontiguousarray(array[row]).tobytes() for array in flat) for row in range(len(flat[0]))]
