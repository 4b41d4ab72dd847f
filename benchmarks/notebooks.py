"""What the cells of the instructor's notebooks cost, in seconds of processor time, the most expensive first.

    python benchmarks/notebooks.py [--cells 5] [solutions/06_transfer_learning/debug.ipynb ...]

Each notebook is executed in a kernel forked from a process that has imported Keras, as in ``make test``, with one
thread. What the bare kernel costs is not counted. Beside it stands a reference computation, measured before each
notebook in the same run, so that figures of different machines can be compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "warm-provisioner"
for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[threads] = "1"


def cells_of(path: Path) -> list[tuple[str, float]]:
    """Each code cell of a notebook by its name, with the processor seconds that it took.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
    """
    from functional_course.notebooks.execution import name_of

    import nbformat
    from budget import processor_seconds
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    began, took = 0.0, []

    def now() -> float:
        return processor_seconds(client.km.provisioner.pid)

    def start(**_: object) -> None:
        nonlocal began
        began = now()

    def done(cell, cell_index: int, **_: object) -> None:
        took.append((name_of(cell, cell_index), now() - began))

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=600,
        on_cell_execute=start,
        on_cell_executed=done,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(stderr=subprocess.DEVNULL)
    return took


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="these alone; all solutions without them")
    parser.add_argument("--cells", type=int, default=5, help="how many cells of each are named")
    options = parser.parse_args()
    paths = options.notebooks or sorted((ROOT / "solutions").glob("*/*.ipynb"))

    from budget import reference_seconds

    reference_seconds()  # the first kernel waits for the warm process
    references, found = [], []
    for path in paths:
        references.append(reference_seconds())
        found.append((path.resolve(), cells_of(path.resolve())))
        print(f"{sum(seconds for _, seconds in found[-1][1]):6.2f}  {path}", file=sys.stderr, flush=True)
    reference = statistics.median(references)
    found.sort(key=lambda each: -sum(seconds for _, seconds in each[1]))
    whole = sum(seconds for _, cells in found for _, seconds in cells)
    print(f"{datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {len(found)} notebooks: {whole:.1f} s")
    print(f"reference: {reference:.2f} s ({min(references):.2f} to {max(references):.2f})")
    print("\n| processor s | references | notebook | most expensive cells |\n|---|---|---|---|")
    for path, cells in found:
        seconds = sum(each for _, each in cells)
        most = sorted(cells, key=lambda each: -each[1])[: options.cells]
        named = ", ".join(f"{name.removeprefix('The cell ')} {each:.2f}" for name, each in most)
        print(f"| {seconds:.2f} | {seconds / reference:.1f} | {path.parent.name[:2]} {path.stem} | {named} |")


if __name__ == "__main__":
    main()
