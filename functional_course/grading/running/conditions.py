"""Under what conditions a class is graded: in which sandbox, within which limits, and what counts of what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from functional_course.grading.executing.clocks import grace
from functional_course.grading.judging.execution import CONTAINER, IMAGE, NAMESPACES, NOTEBOOK_SECONDS, policy
from functional_course.grading.taking_in.plan import CELL_SECONDS
from functional_course.sandbox import Policy, container

KEEP, ZERO = "keep", "zero"
"""What counts of a test that could not be judged safely: what it earned in one kernel, or nothing."""


@dataclass(frozen=True)
class Conditions:
    """Under what conditions an assignment is graded.

    Attributes:
        sandbox: ``namespaces``, ``container`` or ``none``.
        image: the container's.
        cell_seconds: how long a cell may take, in seconds of processor time.
        notebook_seconds: how long a notebook may take, tests included; the usual time if left out, or that of two
            cells if it is more.
        memory_bytes: what a submission may take; a sandbox's usual if left out.
        processes: how many processes and threads it may have; a sandbox's usual if left out.
        provisional: what counts of a test that could not be judged safely until a teacher has looked at it: ``keep``,
            what it earned beside the learner's code, or ``zero``.
        backend: of Keras, on which answers and tests run; what ``KERAS_BACKEND`` says if left out.
    """

    sandbox: str = NAMESPACES
    image: str = IMAGE
    cell_seconds: int = CELL_SECONDS
    notebook_seconds: int | None = None
    memory_bytes: int | None = None
    processes: int | None = None
    provisional: str = KEEP
    backend: str | None = None

    @property
    def seconds(self) -> int:
        """How long a notebook may take."""
        return self.notebook_seconds or max(NOTEBOOK_SECONDS, 2 * self.cell_seconds)

    def limits(self) -> dict[str, object]:
        """What learners' code may take, in words."""
        usual = Policy()
        memory = usual.memory_bytes if self.memory_bytes is None else self.memory_bytes
        return {
            "cell": f"{self.cell_seconds} s",
            "notebook": f"{self.seconds} s",
            "memory": f"{memory // 1024**2} MiB",
            "processes": usual.processes if self.processes is None else self.processes,
        }

    def identified_image(self) -> str:
        """The image, with what tells it from others of its name where containers are used."""
        return container.identified(self.image) if self.sandbox == CONTAINER else self.image

    def policy(self, hide: Iterable[Path], beside: Iterable[Path]) -> str:
        """The sandbox of both sides, as JSON.

        Args:
            hide: what is not to be seen, even if it lies in a folder that Python needs.
            beside: files and folders that lie beside the notebook where it runs.
        """
        # A sandbox ends what takes more than the notebook's time, but not before that was noticed and said.
        usual = policy(self.sandbox, hide, self.seconds + int(grace(self.seconds)), beside, self.backend)
        if self.memory_bytes is self.processes is None:
            return usual
        asked = Policy.from_json(usual)
        if self.memory_bytes is not None:
            asked = replace(asked, memory_bytes=self.memory_bytes)
        if self.processes is not None:
            asked = replace(asked, processes=self.processes)
        return asked.to_json()
