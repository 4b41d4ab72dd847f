"""``course reproduce``: the book's experiments at full size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from functional_course.cli import console

import click
from rich.progress import Progress, TaskID
from rich.table import Table

_SHOWN = 20
"""How many skipped files are named, before they are only counted."""

_seeds = click.option(
    "--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="How many training runs each."
)


@contextmanager
def _resumable(goes_on: str) -> Iterator[Progress]:
    """The progress of an experiment, which refuses what it can't run with, and when interrupted, says how it goes on.

    Args:
        goes_on: what the same command does then.
    """
    with console.progress() as progress:
        try:
            yield progress
        except (FileNotFoundError, ValueError) as error:
            console.refuse(str(error))
        except KeyboardInterrupt:
            console.refuse(f"Interrupted. Run the same command to {goes_on}.")


def _bar_for_each(progress: Progress) -> Callable[[str, int, int], None]:
    """Shows a step of a run, how much of it is done and of how much, in a bar of its own."""
    bars: dict[str, TaskID] = {}

    def show(step: str, done: int, of: int) -> None:
        if step not in bars:
            bars[step] = progress.add_task(step, total=of)
        progress.update(bars[step], completed=done)

    return show


@click.group()
def reproduce() -> None:
    """Run an experiment of the book at full size."""


@reproduce.command()
@click.option("--epochs", default=12, show_default=True, help="Passes over the 60,000 training images.")
@click.option("--output", type=click.Path(path_type=Path), help="The file for the results [book/results/mnist.json].")
def mnist(epochs: int, output: Path | None) -> None:
    """Chapter 1's network on MNIST, written both ways, and once as published.

    MNIST comes from the folder named in COURSE_DATA, from Keras's cache, or from the network. If you interrupt it, the
    same command continues from the last whole epoch. There are 36 epochs, each about a minute on two cores.
    """
    from functional_course.reproduce import mnist as experiment

    root = console.root()
    output = output or root / "book" / "results" / "mnist.json"
    with _resumable("continue from the last whole epoch") as progress:
        show = _bar_for_each(progress)

        def report(title: str, epoch: int, batch: int, batches: int) -> None:
            show(f"{title}, epoch {epoch + 1} of {epochs}", batch, batches)

        experiment.reproduce(output, root / ".course" / "reproduce" / "mnist", epochs, report=report)
    console.out.print(f"wrote {output}", highlight=False)


@reproduce.command("age-gender")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--backbone", type=click.Choice(["vgg16", "lite0", "small"]), help="[for a FOLDER vgg16, without one lite0]"
)
@click.option(
    "--size",
    type=click.IntRange(min=32),
    default=200,
    show_default=True,
    help="The height and width of the faces in pixels.",
)
@click.option(
    "--train", type=click.IntRange(min=6), help="How many faces to train and to choose on [5000, without a FOLDER 300]."
)
@click.option("--test", type=click.IntRange(min=1), help="How many faces to test on [1000, without a FOLDER 200].")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=8, show_default=True, help="Passes over the training faces."
)
@_seeds
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file for the results [book/results/age_gender.json, for a FOLDER in .course/reproduce].",
)
def age_gender(
    folder: Path | None,
    backbone: str | None,
    size: int,
    train: int | None,
    test: int | None,
    epochs: int,
    seeds: int,
    output: Path | None,
) -> None:
    """Chapter 5's model and the article's on a FOLDER of faces: age and gender, beside plain guesses.

    The faces are named as in UTKFace, [age]_[gender]_[race]_[date].jpg; a file that has another name or can't be read
    is skipped and named. VGG16's ImageNet weights come from Keras's cache or from the network. Without a FOLDER, the
    course draws portraits, and takes EfficientNet-Lite0, whose weights it has. If you interrupt it, the same command
    goes on where it was. On drawn portraits it takes ten to twenty minutes on two cores.
    """
    from functional_course.reproduce import age_gender as experiment

    root = console.root()
    with _resumable("continue where it was") as progress:
        bar = progress.add_task("faces", total=None)
        if folder:
            data = experiment.photographed(folder, train or 5000, test or 1000, size)
        else:
            data = experiment.drawn(train or 300, test or 200, size)
        name = f"age-gender-{folder.resolve().name}" if folder else "age-gender"
        stored = root / (f".course/reproduce/{name}.json" if folder else "book/results/age_gender.json")
        output = output or stored
        found = experiment.reproduce(
            output,
            root / ".course" / "reproduce" / name,
            data,
            backbone or ("vgg16" if folder else "lite0"),
            epochs,
            range(seeds),
            report=lambda step, done, of: progress.update(bar, description=step, completed=done, total=of),
        )
    for file, reason in data.skipped[:_SHOWN]:
        console.out.print(f"skipped {file}: {reason}", highlight=False, markup=False, soft_wrap=True)
    if data.skipped[_SHOWN:]:
        more = len(data.skipped) - _SHOWN
        console.out.print(f"skipped {more} more, which {output} names", highlight=False, markup=False, soft_wrap=True)
    console.out.print(
        f"data: {sum(found['images'].values()):,} {found['data']}", highlight=False, markup=False, soft_wrap=True
    )
    console.out.print(f"weights: {found['weights']}", highlight=False, soft_wrap=True)
    table = Table("", "years off", "genders right", title=f"{found['images']['test']} test faces, {seeds} seeds")
    for row in experiment.table(found):
        table.add_row(*row)
    console.out.print(table)
    console.out.print(f"wrote {output}", highlight=False)


@reproduce.command()
@click.option("--steps", default=1000, show_default=True, help="Batches of 64 pairs that each network is trained on.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="The file for the results [book/results/similarity.json]."
)
def similarity(steps: int, output: Path | None) -> None:
    """Chapter 4's networks and the article's on full MNIST: digits known and digits never seen, three seeds.

    MNIST comes from the folder named in COURSE_DATA, from Keras's cache, or from the network. If you interrupt it, the
    same command continues with the first network that isn't finished. It takes about a quarter of an hour on one core.
    """
    from functional_course.reproduce import similarity as experiment

    root = console.root()
    output = output or root / "book" / "results" / "similarity.json"
    kept = root / ".course" / "reproduce" / "similarity"
    with _resumable("continue with the network that wasn't finished") as progress:
        experiment.reproduce(output, kept, steps, report=_bar_for_each(progress))
    console.out.print(f"wrote {output}", highlight=False)


@reproduce.command()
@click.option(
    "--photographs",
    "folder",
    type=click.Path(path_type=Path),
    help="A folder of your own photographs, one folder a class [the drawn portraits].",
)
@click.option("--size", type=click.IntRange(min=32), help="Height and width in pixels [64, for photographs 96].")
@click.option("--backbone", "backbones", type=click.Choice(["small", "lite0"]), multiple=True, help="[both]")
@_seeds
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file for the results [book/results/transfer.json, for photographs in .course/reproduce].",
)
def transfer(
    folder: Path | None, size: int | None, backbones: tuple[str, ...], seeds: int, output: Path | None
) -> None:
    """Chapter 6's curve of error against labels, at equal steps: scratch, frozen, top tuned, all tuned.

    If you interrupt it, the same command continues with the first run that isn't finished. On the drawn portraits it
    takes about a quarter of an hour on one core.
    """
    from functional_course.reproduce import transfer as experiment

    root = console.root()
    with _resumable("continue with the run that wasn't finished") as progress:
        bar = progress.add_task("pictures", total=None)
        task = experiment.photographs(folder, size or 96) if folder else experiment.glasses(size=size or 64)
        name = f"transfer-{task.name}" if folder else "transfer"
        stored = root / (".course/reproduce" if folder else "book/results") / f"{name}.json"
        output = output or stored
        found = experiment.reproduce(
            output,
            root / ".course" / "reproduce" / name,
            task,
            backbones or tuple(experiment.BACKBONES),
            range(seeds),
            report=lambda step, done, of: progress.update(bar, description=step, completed=done, total=of),
        )
    table = Table("", *(f"{labels} labels" for labels in found["steps"]), title=f"test error, {found['task']}")
    for row, errors in experiment.means(found).items():
        table.add_row(row, *(f"{error:.1%}" for error in errors.values()))
    console.out.print(table)
    console.out.print(f"always the most frequent class: {found['baseline']:.1%}", highlight=False)
    console.out.print(f"wrote {output}", highlight=False)
