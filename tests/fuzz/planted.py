"""Faults that the fuzzer has to see: holes that were there once, put back one by one.

``python -m tests.fuzz.planted`` prints what it saw of each.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from functional_course.boundary import allowed, computations, configs, handed, known, unpacking, values
from functional_course.boundary.judging_peer import JudgingPeer
from fuzz import dialogues, judging, messages
from fuzz.__main__ import run

import numpy as np
from hypothesis.errors import HypothesisWarning

EXAMPLES = 4000
"""Messages at most for each fault: it is seen after a few or after hundreds, as every choice that is drawn has it."""


def _any_name(module: Any, name: Any) -> Any:
    found = importlib.import_module(str(module))
    for part in str(name).split("."):
        found = getattr(found, part)
    return found


FAULTS: dict[str, list[tuple[Any, str, Callable[..., Any]]]] = {
    "any name is resolved": [(allowed, "named", _any_name)],
    "this side's states are taken": [(unpacking.Unpacker, "_theirs", lambda self, key: True)],
    "this side's objects in configurations": [
        (configs, "checked", lambda part, may_hold, depth=0: part),
        (allowed, "is_shipped", lambda value: True),
    ],
    "calls with numbers run": [(unpacking, "check_is_symbolic", lambda args, kwargs: None)],
    "calls set this side's weights": [(known.Known, "own_variables", lambda self: {})],
    "what was never sent is spoken of": [(unpacking.Unpacker, "_spoken_of", lambda self, key: self.known.get(key))],
    "this side's layers are called": [(JudgingPeer, "_check_may_be_asked", lambda self, command, subject: None)],
    "what was never sent is called": [(JudgingPeer, "_subject", lambda self, key: self.known.get(key))],
    "what was recorded trains this side's layers": [
        (computations, "_run", lambda operation, args, kwargs, own: operation(*args, **kwargs))
    ],
    "what is made takes the place of this side's": [(JudgingPeer, "check_is_theirs", lambda self, key: None)],
    "what came back is taken for what was given": [(handed, "_in_sight", ContextVar("always", default=True))],
    "arrays that came back may be anything": [
        (handed, "_become_array", lambda given, now, changes: changes.append(lambda: np.copyto(given, now)))
    ],
    "errors come out": [(values.Decoder, "array", lambda self, coded: sys.exit(coded))],
}
"""By name: what is put in the place of what."""

AIMED = {
    "any name is resolved": messages.calling(),
    "this side's states are taken": messages.overwriting(("none",)),
    "this side's objects in configurations": messages.overwriting(("own",)),
    "calls with numbers run": messages.overwriting(("eager",)),
    "calls set this side's weights": messages.dialogues(),
    "what was never sent is spoken of": messages.dialogues(),
    "this side's layers are called": dialogues.exchanges(("read",), ("call", "construct", "apply")),
    "what was never sent is called": dialogues.exchanges(("read",), ("call", "construct", "apply")),
    "what was recorded trains this side's layers": messages.dialogues(),
    "what is made takes the place of this side's": dialogues.exchanges(("made",), None),
    "what came back is taken for what was given": dialogues.exchanges(("call",), None),
    "arrays that came back may be anything": dialogues.exchanges(("call in sight",), None),
    "errors come out": messages.mutated(),
}
"""The messages that would find each soon: all kinds together find them too, in a long run."""


@contextmanager
def planted(fault: str) -> Iterator[None]:
    """Put a fault in."""
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in FAULTS[fault]]
    for holder, name, instead in FAULTS[fault]:
        setattr(holder, name, instead)
    try:
        yield
    finally:
        for holder, name, was in before:
            setattr(holder, name, was)


def main() -> None:
    """Run with each fault, and print what was seen."""
    warnings.filterwarnings("ignore", category=HypothesisWarning)
    messages.seeds()  # as an honest side packs them
    for fault in FAULTS:
        with planted(fault):
            try:
                run(EXAMPLES, sent=AIMED[fault])
                print(f"{fault}: nothing was seen")
            except judging.Faulty as seen:
                print(f"{fault}: {str(seen).splitlines()[0][:160]}")


if __name__ == "__main__":
    main()
