"""Run the cells of one notebook for ``course check``, apart from everything else.

``python -m functional_course.grading.executing.checking_side``, with a socket as file descriptor 3. It reads
``{"cells": [source, ...], "most": characters}`` and answers each cell with ``{"outputs": [...]}``, or with
``{"flooded": true}`` at the one that showed more, which is the last.
"""

from __future__ import annotations

import socket

from functional_course.boundary.wire import Channel
from functional_course.grading.executing.cells import CellRunner
from functional_course.grading.executing.outputs import Outputs

SOCKET = 3


class _Flooded(BaseException):
    """The notebook shows more than there may be."""


class _Limited(Outputs):
    """Outputs that stop a cell which prints on though too much has been shown.

    Args:
        most: how many characters may be shown.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def flooded(self) -> bool:
        """Whether too much has been shown."""
        return self.size > self._most

    def write(self, name: str, text: str) -> None:
        """As all outputs do.

        Raises:
            _Flooded: too much has been shown already.
        """
        if self.flooded():
            raise _Flooded
        super().write(name, text)


def serve(channel: Channel) -> None:
    """Run what comes, then end."""
    channel.send({"started": True})
    header, _ = channel.receive()
    shown = _Limited(header["most"])
    runner = CellRunner(shown=shown)
    for source in header["cells"]:
        outputs = runner.run(source)
        if shown.flooded():
            channel.send({"flooded": True})
            return
        channel.send({"outputs": outputs})


if __name__ == "__main__":
    serve(Channel(socket.socket(fileno=SOCKET)))
