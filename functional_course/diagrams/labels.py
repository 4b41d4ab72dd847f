"""What stands on a box and beside an arrow: the facts of a scene as lines of text."""

from __future__ import annotations

from collections.abc import Iterable

from functional_course.diagrams.facts import (
    Activation,
    Arguments,
    Detail,
    Folded,
    Heads,
    Holding,
    LayersInside,
    Parameters,
    Scaling,
    Setting,
    Settings,
    SharedWeights,
)
from functional_course.diagrams.scene import Box, Scene, Wire
from functional_course.diagrams.values import is_zero, plain, setting, times

_LINE = 30
"""About how many letters a line may have where a list of words goes on in the next one."""

_LONGEST = 200

_CALLED = {
    "rate": "rate",
    "axis": "axis",
    "axes": "axes",
    "negative_slope": "slope",
    "max_value": "at most",
    "threshold": "threshold",
    "alpha": "alpha",
    "stddev": "deviation",
    "equation": "",
}


def below_title(box: Box, scene: Scene) -> tuple[str, ...]:
    """The lines that stand on a box below its title.

    Args:
        box: a box.
        scene: what it stands in. An input that nothing uses has no arrow for its shape to stand on.
    """
    lines = [f"“{box.name}”"] if box.name else []
    lines += [line for detail in box.details for line in detail_lines(detail)]
    if box.parameters != Parameters():
        lines.append(parameter_counts(box.parameters))
    if box.kind == "input":
        lines += [
            line
            for wire in scene.wires
            if wire.source.box == box.key and not wire.targets
            for line in (shape(wire), "not used")
        ]
    return tuple(lines)


def shape(wire: Wire) -> str:
    """The shape that stands beside an arrow, with the type of its numbers if that is no float.

    Example:

    >>> from functional_course.diagrams.scene import End
    >>> shape(Wire(End("1", 0, 1), (), (None, 4), "int32", output=2))
    'output 2: (None, 4) int32'
    """
    which = f"output {wire.output}: " if wire.output else ""
    dtype = "" if wire.dtype.startswith(("float", "bfloat")) else f" {wire.dtype}"
    return f"{which}{wire.shape}{dtype}"


def parameter_counts(parameters: Parameters) -> str:
    """Counts of parameters in words; ``""`` if there are none.

    Example:

    >>> parameter_counts(Parameters(1200)), parameter_counts(Parameters(1200, frozen=400))
    ('1,200 parameters', '1,200 trainable, 400 frozen')
    """
    if not parameters.frozen and not parameters.fixed:
        return f"{parameters.trainable:,} parameter{_ending(parameters.trainable)}" if parameters.trainable else ""
    counts = ((parameters.trainable, "trainable"), (parameters.frozen, "frozen"), (parameters.fixed, "non-trainable"))
    return ", ".join(f"{number:,} {word}" for number, word in counts if number)


def count(number: int, word: str) -> str:
    """A number of things, for example ``"1 layer"`` or ``"12 layers"``."""
    return f"{number} {word}{_ending(number)}"


def _ending(number: int) -> str:
    return "" if number == 1 else "s"


def detail_lines(detail: Detail) -> list[str]:
    """A detail as the lines that stand on a box. All but the last end in a comma or a colon."""
    if isinstance(detail, Arguments):
        lines = _wrapped(detail.written)
    elif isinstance(detail, Folded):
        layers = sum(number for _, number in detail.kinds)
        kinds = [f"{number} {kind}" if number > 1 else kind for kind, number in detail.kinds]
        lines = [f"{layers} layers:", *_wrapped(kinds)]
    else:
        lines = [_one_line(detail)]
    return [plain(line, _LONGEST) for line in lines]


def _one_line(detail: Settings | Holding | LayersInside | SharedWeights) -> str:
    if isinstance(detail, Settings):
        return ", ".join(map(_said, detail.facts))
    if isinstance(detail, Holding):
        return _held(detail)
    if isinstance(detail, LayersInside):
        return f"{count(detail.count, 'layer')} inside"
    return f"shares weights with {_named(detail.title, detail.name)}"


def _said(fact: Setting | Activation | Heads | Scaling) -> str:
    """A fact about a layer in a few words."""
    if isinstance(fact, Activation):
        return ", ".join([fact.name, *(" ".join(detail_lines(detail)) for detail in fact.details)])
    if isinstance(fact, Heads):
        return f"{setting(fact.count)} heads of {setting(fact.size)}"
    if isinstance(fact, Scaling):
        return f"× {setting(fact.scale)}" + ("" if is_zero(fact.offset) else f" + {setting(fact.offset)}")
    if fact.name in ("kernel_size", "pool_size"):
        return times(fact.value)
    if fact.name == "strides":
        return f"stride {times(fact.value)}"
    if fact.name == "dilation_rate":
        return f"dilation {times(fact.value)}"
    if fact.name == "padding":
        return str(fact.value)
    if fact.name == "use_bias":
        return "no bias"
    if fact.name == "normalize":
        return "normalised"
    if fact.name == "input_dim":
        return f"{fact.value:,} entries"
    return f"{_CALLED[fact.name]} {setting(fact.value)}"


def _held(holding: Holding) -> str:
    """What a wrapper holds."""
    words = [f"of {_named(holding.kind, holding.name)}"]
    words += [f"{holding.backwards} backwards"] if holding.backwards else []
    words += [" ".join(detail_lines(detail)) for detail in holding.details]
    words += [f"merge {setting(holding.merge)}"] if holding.merge != "concat" else []
    return ", ".join(words)


def _named(kind: str, name: str) -> str:
    return kind + (f" “{name}”" if name else "")


def _wrapped(words: Iterable[str]) -> list[str]:
    """Words with commas, in lines of about 30 letters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 2 <= _LINE:
            lines[-1] += f", {word}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(word)
    return lines
