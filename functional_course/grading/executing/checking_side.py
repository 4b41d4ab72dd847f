"""Run the cells of one notebook for ``course check``, apart from everything else.

``python -m functional_course.grading.executing.checking_side``, with a socket as file descriptor 3. It reads
``{"cells": [source, ...], "most": characters}`` and answers each cell with ``{"outputs": [...]}``, or with
``{"flooded": true}`` at the one that showed more, which is the last.
"""

from __future__ import annotations

import socket

from functional_course.boundary.wire import Channel
from functional_course.grading.executing.cells import CellRunner

SOCKET = 3


class _Flooded(BaseException):
    """The notebook shows more than there may be."""


def serve(channel: Channel) -> None:
    """Run what comes, then end."""
    channel.send({"started": True})
    header, _ = channel.receive()
    runner = CellRunner()
    sink, most = runner.shown, header["most"]

    def watched(call):
        def counted(*arguments) -> None:
            if sink.size > most:
                raise _Flooded
            call(*arguments)

        return counted

    sink.write = watched(sink.write)
    for source in header["cells"]:
        outputs = runner.run(source)
        if sink.size > most:
            channel.send({"flooded": True})
            return
        channel.send({"outputs": outputs})


if __name__ == "__main__":
    serve(Channel(socket.socket(fileno=SOCKET)))
