"""A diagram in words: everything that the picture shows, one line a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from functional_course.diagrams.facts import Parameters
from functional_course.diagrams.labels import count, detail_lines, parameter_counts, shape
from functional_course.diagrams.scene import Box, End, Scene, Wire

_TIMES = {1: "once", 2: "twice"}


def sentence(scene: Scene) -> str:
    """One sentence that says what the diagram is of."""
    kind = f"{scene.kind} model" if scene.kind in ("Functional", "Sequential") else f"{scene.kind}, a functional model"
    name = f" “{scene.name}”" if scene.name else ""
    inputs = sum(1 for box in scene.boxes if box.kind == "input")
    outputs = sum(1 for box in scene.boxes if box.kind == "output")
    shared = sum(1 for box in scene.boxes if box.calls > 1)
    parts = [count(scene.layers, "layer"), count(inputs, "input"), count(outputs, "output")]
    called = f", {count(shared, 'layer')} called more than once" if shared else ""
    parameters = _all_parameters(scene.parameters)
    article = "the" if name else "an" if kind[0] in "AEIO" else "a"
    return f"Diagram of {article} {kind}{name}: {', '.join(parts)}{called}; {parameters}."


def lines(scene: Scene, within: str = "") -> list[str]:
    """One line a box, in the order of the model; the boxes of an opened model follow its own line.

    Args:
        scene: boxes and wires.
        within: what every line begins with, such as ``"Inside Sequential: "``.
    """
    names = _references(scene)
    wires = {wire.source: wire for wire in scene.wires}
    taken: dict[str, list[tuple[End, Wire]]] = {}
    for wire in scene.wires:
        for end in wire.targets:
            taken.setdefault(end.box, []).append((end, wire))
    result = []
    for box in scene.boxes:
        start = f"{within}{names[box.key]}"
        if box.kind == "input":
            wire = wires[End(box.key, 0, 0)]
            ends = _listed(_end(end, names, scene) for end in wire.targets)
            result.append(f"{start}: {shape(wire)}" + (f" goes to {ends}." if ends else ", not used."))
            continue
        arrivals = sorted(taken.get(box.key, []), key=lambda item: (item[0].call, item[0].place))
        if box.kind == "output":
            result.append(f"{start}: {'; '.join(_arrived(wire, names, scene) for _, wire in arrivals)}.")
            continue
        facts = _facts(box)
        about = f" ({'; '.join(facts)})" if facts else ""
        if box.calls > 1:
            calls = [_call(box, number, arrivals, names, scene) for number in range(box.calls)]
            numbered = "; ".join(f"call {number} {text}" for number, text in enumerate(calls, start=1))
            result.append(f"{start}{about}, called {_TIMES.get(box.calls, f'{box.calls} times')}: {numbered}.")
        else:
            result.append(f"{start}{about} {_call(box, 0, arrivals, names, scene)}.")
        if box.inner is not None:
            result.extend(lines(box.inner, f"{within}Inside {names[box.key]}: "))
    return result


def _facts(box: Box) -> list[str]:
    """What there is to say of a box itself."""
    facts = [" ".join(detail_lines(detail)) for detail in box.details]
    if box.parameters != Parameters():
        facts.append(parameter_counts(box.parameters))
    if box.frozen and not box.parameters.frozen:
        facts.append("frozen")
    return facts


def _call(box: Box, number: int, arrivals: list[tuple[End, Wire]], names: dict[str, str], scene: Scene) -> str:
    """What one call takes and what it gives."""
    takes = [_arrived(wire, names, scene) for end, wire in arrivals if end.call == number]
    gives = []
    for wire in scene.wires:
        if wire.source.box == box.key and wire.source.call == number:
            to = _listed(_end(end, names, scene) for end in wire.targets)
            gives.append(f"{shape(wire)} to {to}" if to else shape(wire))
    return f"takes {_listed(takes)}, gives {_listed(gives)}" if takes else f"gives {_listed(gives)}"


def _references(scene: Scene) -> dict[str, str]:
    """What each box is called in the words: its title and name, and a number where several are called the same."""
    plain = {box.key: box.title + (f" “{box.name}”" if box.name else "") for box in scene.boxes}
    counts = Counter(plain.values())
    seen: Counter[str] = Counter()
    names = {}
    for key, name in plain.items():
        seen[name] += 1
        names[key] = f"{name} #{seen[name]}" if counts[name] > 1 else name
    return names


def _arrived(wire: Wire, names: dict[str, str], scene: Scene) -> str:
    """A tensor and where it comes from."""
    return f"{shape(wire)} from {_end(wire.source, names, scene)}"


def _end(end: End, names: dict[str, str], scene: Scene) -> str:
    """A box, and which of its calls if there are several."""
    box = next(box for box in scene.boxes if box.key == end.box)
    return names[end.box] + (f" (call {end.call + 1})" if box.calls > 1 else "")


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else ""


def _all_parameters(parameters: Parameters) -> str:
    if parameters == Parameters():
        return "no parameters"
    every = ", all trainable" if not parameters.frozen and not parameters.fixed else ""
    return f"{parameter_counts(parameters)}{every}"
