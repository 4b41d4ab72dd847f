"""What came of executing a notebook. Imports nothing that executes one: a report needs no sandbox."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Provisional:
    """The points of one test that a teacher has to look at.

    Attributes:
        kept: what it counts until then.
        strict: what of it was judged safely.
    """

    kept: float
    strict: float


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes:
        outputs: of each cell, by its place in the notebook.
        ended: for each cell that ended its process or took too long, what is said about it.
        said: what could not be judged, with cell and reason.
        provisional: the points of tests that could not be judged safely, by their places in the notebook.
        seconds: how long it took.
        trouble: why nothing was judged; empty if it was.
        processor: how much processor time it took, both sides together.
        ended_by: which time was over for the notebook or one of its cells: ``"processor"``, its own processor time;
            ``"wall"``, the time by the clock, of which a busy neighbour may have taken a part; or None.
        taken: processor time of each cell that was begun, by its place in the notebook.
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    ended: dict[int, str] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    trouble: str = ""
    processor: float = 0.0
    ended_by: str | None = None
    provisional: dict[int, Provisional] = field(default_factory=dict)
    taken: dict[int, float] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was cut off, be it by a limit, by the machine or by the code itself."""
        return not (self.ended or self.trouble or self.ended_by)

    def as_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """The result that :meth:`as_json` wrote."""
        outputs = {int(index): cells for index, cells in data["outputs"].items()}
        ended = {int(index): text for index, text in data["ended"].items()}
        return cls(
            outputs,
            ended,
            data["said"],
            data["seconds"],
            data["trouble"],
            data.get("processor", 0.0),
            data.get("ended_by"),
            {int(index): Provisional(**points) for index, points in data.get("provisional", {}).items()},
            {int(index): took for index, took in data.get("taken", {}).items()},
        )
