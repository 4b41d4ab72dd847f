"""A diagram in words: everything that the picture shows, one line a box."""

from __future__ import annotations

from collections import Counter

from functional_course.diagrams.scene import Box, End, Scene

_TIMES = {1: "once", 2: "twice"}


def sentence(scene: Scene) -> str:
    """One sentence that says what the diagram is of."""
    kind = f"{scene.kind} model" if scene.kind in ("Functional", "Sequential") else f"{scene.kind}, a functional model"
    name = f" “{scene.name}”" if scene.name else ""
    inputs = sum(1 for box in scene.boxes if box.kind == "input")
    outputs = sum(1 for box in scene.boxes if box.kind == "output")
    shared = sum(1 for box in scene.boxes if box.calls > 1)
    parts = [_count(scene.layers, "layer"), _count(inputs, "input"), _count(outputs, "output")]
    called = f", {_count(shared, 'layer')} called more than once" if shared else ""
    parameters = _all_parameters(scene.parameters)
    article = "the" if name else "an" if kind[0] in "AEIO" else "a"
    return f"Diagram of {article} {kind}{name}: {', '.join(parts)}{called}; {parameters}."


def lines(scene: Scene, within: str = "") -> list[str]:
    """One line a box, in the order of the model; the boxes of an opened model follow its own line."""
    names = _references(scene)
    given: dict[End, list[tuple[End, str]]] = {}
    taken: dict[str, list[tuple[End, End, str]]] = {}
    for wire in scene.wires:
        given.setdefault(wire.source, []).extend((end, wire.shape) for end in wire.targets)
        for end in wire.targets:
            taken.setdefault(end.box, []).append((end, wire.source, wire.shape))
    shapes = {wire.source: wire.shape for wire in scene.wires}
    result = []
    for box in scene.boxes:
        start = f"{within}{names[box.key]}"
        if box.kind == "input":
            shape = shapes[End(box.key, 0, 0)]
            ends = given.get(End(box.key, 0, 0), [])
            to = f" goes to {_listed(_target(end, names, scene) for end, _ in ends)}" if ends else ", not used"
            result.append(f"{start}: {shape}{to}.")
            continue
        arrivals = sorted(taken.get(box.key, []), key=lambda item: (item[0].call, item[0].place))
        if box.kind == "output":
            result.append(f"{start}: {'; '.join(f'{s} from {_source(e, names, scene)}' for _, e, s in arrivals)}.")
            continue
        facts = [*box.details, *([box.parameters] if box.parameters else ())]
        if box.frozen and "frozen" not in box.parameters:
            facts.append("frozen")
        # A line that goes on in the next one ends in a comma or colon.
        about = f" ({'; '.join(facts)})".replace(",; ", ", ").replace(":; ", ": ") if facts else ""
        if box.calls > 1:
            calls = [_call(box, number, arrivals, given, shapes, names, scene) for number in range(box.calls)]
            numbered = "; ".join(f"call {number} {text}" for number, text in enumerate(calls, start=1))
            result.append(f"{start}{about}, called {_TIMES.get(box.calls, f'{box.calls} times')}: {numbered}.")
        else:
            result.append(f"{start}{about} {_call(box, 0, arrivals, given, shapes, names, scene)}.")
        if box.inner is not None:
            result.extend(lines(box.inner, f"{within}Inside {names[box.key]}: "))
    return result


def _call(box: Box, number: int, arrivals, given, shapes, names: dict[str, str], scene: Scene) -> str:
    """What one call takes and what it gives."""
    takes = [f"{shape} from {_source(source, names, scene)}" for end, source, shape in arrivals if end.call == number]
    gives = []
    for source, shape in shapes.items():
        if source.box == box.key and source.call == number:
            to = _listed(_target(end, names, scene) for end, _ in given.get(source, []))
            gives.append(f"{shape} to {to}" if to else shape)
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


def _source(end: End, names: dict[str, str], scene: Scene) -> str:
    return names[end.box] + _which(end, scene)


def _target(end: End, names: dict[str, str], scene: Scene) -> str:
    return names[end.box] + _which(end, scene)


def _which(end: End, scene: Scene) -> str:
    box = next(box for box in scene.boxes if box.key == end.box)
    return f" (call {end.call + 1})" if box.calls > 1 else ""


def _listed(words) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _all_parameters(parameters: str) -> str:
    if not parameters:
        return "no parameters"
    return f"{parameters}, all trainable" if parameters.endswith(("parameter", "parameters")) else f"{parameters}"
