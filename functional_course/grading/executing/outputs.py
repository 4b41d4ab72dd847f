"""What a cell shows, kept as a notebook keeps it and up to a size."""

from __future__ import annotations

import io
import os
import tempfile
from typing import Any

MOST_OUTPUT = 2_000_000
"""Characters that the cells of one notebook may show, pictures included."""


MOST_RESULT = 200_000
"""Characters of a result or an error that is kept beyond that."""


class Outputs:
    """The outputs of the cell that runs.

    Attributes:
        outputs: what it has shown so far, as a notebook holds it.
        size: characters that all cells have shown, without those that were taken back.
    """

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.size = 0
        self._sizes: list[int] = []
        self._shown_as: dict[str, list[dict[str, Any]]] = {}
        self._to_be_cleared = False

    def begin(self) -> None:
        """A cell begins."""
        self.outputs, self._sizes, self._shown_as, self._to_be_cleared = [], [], {}, False

    def add(self, output: dict[str, Any], size: int, shown_as: str | None = None) -> None:
        """Keep one more output.

        Args:
            output: as a notebook holds it.
            size: its characters.
            shown_as: the name by which it can be replaced later.
        """
        self._clear_now()
        self.size += size
        # A cell's result and its errors stay, however much it printed: they are what it is scored by.
        kept = output["output_type"] in ("error", "execute_result") and size <= MOST_RESULT
        if kept or self.size <= MOST_OUTPUT:
            self._keep(output, size)
            if shown_as is not None:
                self._shown_as.setdefault(shown_as, []).append(output)
        elif self.size - size <= MOST_OUTPUT:
            said = f"[the rest is left out: more than {MOST_OUTPUT / 1e6:g} MB were shown]\n"
            self._keep({"output_type": "stream", "name": "stderr", "text": said}, 0)

    def write(self, name: str, text: str) -> None:
        """Keep what is printed to the stream ``name``."""
        self._clear_now()
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == name and self.size + len(text) <= MOST_OUTPUT:
            self.size += len(text)
            self._sizes[-1] += len(text)
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text}, len(text))

    def replace(self, shown_as: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Show something else in the place of what was shown under this name."""
        self.size += len(str(data))
        if self.size <= MOST_OUTPUT:
            for output in self._shown_as.get(shown_as, ()):
                output["data"], output["metadata"] = data, metadata

    def replace_errors(self, output: dict[str, Any]) -> None:
        """Show one error in the place of all that the cell has shown; nothing if it has shown none."""
        kept = [each for each in self.outputs if each["output_type"] != "error"]
        if len(kept) < len(self.outputs):
            self.outputs[:] = [*kept, output]

    def clear(self, wait: bool) -> None:
        """Take back what the cell has shown: at once, or when it shows more."""
        self._to_be_cleared = True
        if not wait:
            self._clear_now()

    def _clear_now(self) -> None:
        if self._to_be_cleared:
            self.size -= sum(self._sizes)
            self.begin()

    def _keep(self, output: dict[str, Any], size: int) -> None:
        self.outputs.append(output)
        self._sizes.append(size)


class Stream(io.TextIOBase):
    """A stream of Python's that writes to :class:`Outputs`.

    Args:
        outputs: where it writes to.
        name: ``stdout`` or ``stderr``.
    """

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self.name = outputs, name

    def write(self, text: str) -> int:
        """Write to the cell that runs."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._outputs.write(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The file that programs started by a cell write to, as in a kernel."""
        return 1 if self.name == "stdout" else 2


class Descriptors:
    """What programs write to this process's files 1 and 2, which is not what Python prints.

    It is told after each cell, as a kernel tells it while the cell runs.
    """

    def __init__(self) -> None:
        self._files = {}
        for number, name in ((1, "stdout"), (2, "stderr")):
            self._files[name] = file = tempfile.TemporaryFile("a+b")  # noqa: SIM115
            os.dup2(file.fileno(), number)

    def tell(self, outputs: Outputs) -> None:
        """Write what has come to the outputs of the cell that ran."""
        for name, file in self._files.items():
            if os.fstat(file.fileno()).st_size:
                data = os.pread(file.fileno(), MOST_OUTPUT + 1, 0)
                os.ftruncate(file.fileno(), 0)
                outputs.write(name, data.decode(errors="replace"))
