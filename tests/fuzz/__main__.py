"""Send messages to the judging side's end of the boundary until the time is up, or until one does what none may.

``python -m tests.fuzz --seconds 600``, or ``--examples 300`` for a number of messages that are the same each time.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import copy
import io
import json
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from functional_course.boundary import peer as peers
from functional_course.boundary.unpacking import Unpacker
from functional_course.boundary.wire import BoundaryError
from fuzz import dialogues, judging, messages
from fuzz.corpus import Message

import keras
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure, HypothesisWarning

MOST_SECONDS = 20.0
"""How long one message may take, on a machine that does other things too."""

MEMORY = 40 << 30
"""Addresses that this process may use: TensorFlow's own are many."""


class Fuzzer:
    """Sends messages and holds them to the properties."""

    def __init__(self) -> None:
        self.world = judging.World()
        self.before = self.world.state()
        self.counts: collections.Counter[str] = collections.Counter()
        self.slowest = 0.0

    def send(self, message: Message, frame: dict | None = None, *, asked: str = "call") -> None:
        """One message: read as a value, or, with a frame, as what comes back when the judging side asks for something.

        Raises:
            judging.Faulty: it did what no message may.
        """

        def ask() -> None:
            world, body = self.world, copy.deepcopy(message.body)
            if frame is None:
                judging.use(Unpacker(world.peer, json.loads(json.dumps(body)), list(message.arrays)).value())
            else:
                world.line.waiting = [({**copy.deepcopy(frame), **body}, list(message.arrays))]
                world.peer.request(asked, ["L1", (), {}])

        self.hold(message.name, ask, lambda: {"frame": frame, "asked": asked, **message.body})

    def converse(self, answers: list[dict]) -> None:
        """A function of the other side's is called with numbers, and these are the answers to what it is asked then.

        Raises:
            judging.Faulty: they did what no message may.
        """

        def ask() -> None:
            self.world.line.waiting = [(each, list(messages.ARRAYS)) for each in copy.deepcopy(answers)]
            self.world.peer.remote_function("L1", "f")(keras.ops.ones((2, 2)))

        self.hold("dialogue", ask, lambda: {"answers": answers})

    def exchange(self, dialogue: dialogues.Dialogue) -> None:
        """The judging side does something, is asked back, and is answered.

        Raises:
            judging.Faulty: what came did what no message may.
        """

        def ask() -> None:
            line = self.world.line
            line.arrays = list(messages.ARRAYS)
            line.waiting = [(each, list(messages.ARRAYS)) for each in copy.deepcopy(dialogue.asks)]
            line.answers = {command: list(each) for command, each in copy.deepcopy(dialogue.answers).items()}
            dialogues.DOES[dialogue.does](self.world)

        for each in dialogue.asks:
            self.counts[f"asked back {each['command']}"] += 1
        self.hold(f"does {dialogue.does}", ask, lambda: asdict(dialogue), together=dialogue.does in dialogues.TOGETHER)

    def hold(self, name: str, do: Callable[[], None], shown: Callable[[], Any], *, together: bool = False) -> None:
        """As :meth:`_hold`, and say which message it was."""
        try:
            self._hold(name, do, together)
        except judging.Faulty as fault:
            raise judging.Faulty(f"{name}: {fault}\n{json.dumps(shown())[:6000]}") from fault

    def _hold(self, name: str, do: Callable[[], None], together: bool) -> None:
        """Do something and see that the properties hold.

        Args:
            name: what is counted.
            do: what to do.
            together: whether it runs through Keras, which raises its own errors about what it meets.

        Raises:
            judging.Faulty: one does not.
        """
        self.counts["messages"] += 1
        self.counts[name if name.startswith("does ") else name.partition(" ")[0]] += 1
        world, began = self.world, time.monotonic()
        raised: list[BaseException] = []
        honest = peers.raised

        def marked(*args, **kwargs):
            raised.append(honest(*args, **kwargs))
            return raised[-1]

        peers.raised = marked
        world.line.begin()
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), judging.watched():
                warnings.simplefilter("ignore")
                do()
            self.counts["accepted"] += 1
        except BoundaryError:
            self.counts["refused"] += 1
        except BaseException as error:
            # What the other side says that it raised is raised here, as one of Python's own errors.
            if not isinstance(error, Exception) or (error not in raised and not together):
                trace = "".join(traceback.format_tb(error.__traceback__)[-3:])
                raise judging.Faulty(f"{type(error).__name__} came out: {error!s:.300}\n{trace}") from error
            self.counts["raised there" if error in raised else "Keras's own error"] += 1
        finally:
            peers.raised = honest
            self.counts["exchanged"] += world.line.sent
            self.tidy()
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        if judging.CALLED:
            raise judging.Faulty(f"called: {judging.CALLED[:3]}")
        changed = judging.differences(self.before, world.state())
        if changed:
            self.world = judging.World()
            self.before = self.world.state()
            raise judging.Faulty(f"changed: {changed}")
        if seconds > MOST_SECONDS:
            raise judging.Faulty(f"it took {seconds:.0f} s")

    def tidy(self) -> None:
        """Forget what the other side made: the next message finds the world as it was."""
        known = self.world.peer.known
        for key in [key for key in known._objects if key not in self.world.keys]:
            value = known._objects.pop(key)
            known._keys.pop(id(value), None)
        known.shared &= set(self.world.keys)
        known.digests.clear()
        for layer in self.world.own:
            del layer._inbound_nodes[8:], layer._outbound_nodes[8:]


def run(
    examples: int, seed: int | None = None, seconds: float | None = None, sent: st.SearchStrategy[Any] | None = None
) -> Fuzzer:
    """Send so many messages.

    Args:
        examples: how many.
        seed: where chance begins; None for messages that are the same each time.
        seconds: when to stop earlier.
        sent: which messages; all of them if left out.

    Raises:
        judging.Faulty: one did what no message may, with the smallest such message shown.
    """
    messages.seeds()
    fuzzer = Fuzzer()
    ends = None if seconds is None else time.monotonic() + seconds

    @settings(
        max_examples=examples,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if seed is not None else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(
        st.one_of(messages.messages(), messages.dialogues(), dialogues.exchanges()) if sent is None else sent,
        st.one_of(st.none(), messages.frames),
        st.sampled_from(("call", "construct", "record", "outline", "build", "method", "sync")),
    )
    def every(message: Message | list | dialogues.Dialogue, frame: dict | None, asked: str) -> None:
        if ends is not None and time.monotonic() > ends:
            return
        if isinstance(message, dialogues.Dialogue):
            fuzzer.exchange(message)
        elif isinstance(message, list):
            fuzzer.converse(message)
        else:
            fuzzer.send(message, frame, asked=asked)

    if seed is not None:
        import hypothesis

        every = hypothesis.seed(seed)(every)
    every()
    return fuzzer


def main() -> int:
    """Run and say how many messages were sent."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="go on for so long, with other messages each time")
    parser.add_argument("--examples", type=int, default=300, help="so many messages, the same each time")
    parser.add_argument("--seed", type=int, default=None, help="where chance begins, with --seconds")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.filterwarnings("ignore", category=HypothesisWarning)
    began, counts, slowest = time.monotonic(), collections.Counter(), 0.0
    seed = asked.seed if asked.seed is not None else int(time.time())
    while True:
        left = None if asked.seconds is None else asked.seconds - (time.monotonic() - began)
        if left is not None and left <= 0:
            break
        try:
            done = run(asked.examples if left is None else 400, None if left is None else seed, left)
        except (judging.Faulty, FlakyFailure) as error:
            print(f"seed {seed}: {error}", *getattr(error, "__notes__", ()), sep="\n")
            return 1
        counts += done.counts
        slowest = max(slowest, done.slowest)
        seed += 1
        if left is None:
            break
    kinds = ", ".join(f"{name} {count}" for name, count in counts.most_common() if name != "messages")
    print(f"{counts['messages']} messages in {time.monotonic() - began:.0f} s, the slowest {slowest:.1f} s: {kinds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
