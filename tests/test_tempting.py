"""Wrong answers that once got full marks, each in one kernel and in ``course grade``.

They change what they are given, drop where nothing should be dropped, or hide a fault behind one draw of weights, one
name or one seed.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
import needs
import pytest
from classroom import solution_answers
from conftest import ROOT
from one_task import needed, ran

PRETEND = """
def {name}(*given):
    {act}
    return _right(*given)
"""


@dataclass(frozen=True)
class Tempting:
    """A wrong answer: the instructor's own, with some text replaced or with something done before it.

    Attributes:
        chapter: the beginning of the chapter's name.
        notebook: ``build`` or ``debug``.
        task: the task.
        points: what it deserves.
        old: what is replaced in the instructor's answer.
        new: by what.
        before: for an answer that is a function: its name, and a statement on what it is ``given``.
    """

    chapter: str
    notebook: str
    task: str
    points: float
    old: str = ""
    new: str = ""
    before: tuple[str, str] | None = None

    @property
    def source(self) -> str:
        (chapter,) = (path.name for path in (ROOT / "solutions").glob(f"{self.chapter}_*"))
        right = solution_answers(chapter, self.notebook)[self.task]
        assert self.old in right, self.task
        changed = right.replace(self.old, self.new, 1)
        if self.before is None:
            return changed
        name, act = self.before
        return f"{changed}\n\n_right = {name}\n{PRETEND.format(name=name, act=act)}"


ZERO = "given[0].set_weights([weight * 0 for weight in given[0].get_weights()])"
FREEZE = "given[0].trainable = False"
COMPILE = "given[0].compile('sgd', 'mse')"
MOVE = "given[1]['gross'] = given[1].pop('gross')"
DROP = "layers.Dropout(0.25)"
TEMPTING = [
    Tempting("01", "build", "translate-to-functional", 4, "x = layers.Max", f"x = {DROP}(x)\nx = layers.Max"),
    Tempting("01", "build", "translate-to-sequential", 2, "layers.Dense(16),", f"layers.Dense(16), {DROP},"),
    Tempting("01", "build", "copy-weights", 4, before=("copy_weights", FREEZE)),
    Tempting("01", "build", "strip", 2, before=("read_strips", ZERO)),
    Tempting("01", "build", "two-branch", 5, "(skipped)", "(layers.GaussianNoise(0.1)(skipped))"),
    Tempting("02", "build", "three-inputs", 4, "(words, 8", "(words, 8, mask_zero=True"),
    Tempting(
        "02", "build", "retrieve", 4, "layers.Reshape((count,))(shares)", f"{DROP}(layers.Reshape((count,))(shares))"
    ),
    Tempting("02", "debug", "swapped-inputs", 2, before=("predict_bill", MOVE)),
    Tempting(
        "02", "choose", "choose-merge", 5, "Concatenate()([scan, notes])", f"Concatenate()([{DROP}(scan), notes])"
    ),
    Tempting("02", "choose", "branches-in-budget", 4, "[details, near", f"[{DROP}(details), near"),
    Tempting(
        "02",
        "choose",
        "branches-in-budget",
        3,
        'layers.Conv2D(8, 5, padding="same", activation="relu")(far)',
        'layers.Conv2D(8, 5, activation="relu")(layers.ZeroPadding2D(((4, 0), (2, 2)))(far))',
    ),
    Tempting("02", "choose", "ablation", 5, before=("report", FREEZE.replace("given[0]", "given[0]['all']"))),
    Tempting("02", "choose", "own-two-inputs", 5, before=("my_model", "given[0]['means'][0] += 1")),
    Tempting("03", "build", "share-encoder", 4, before=("compare", FREEZE)),
    Tempting("03", "build", "share-trunk", 2, before=("two_heads", ZERO)),
    Tempting("03", "debug", "called-again", 3, before=("with_code", COMPILE)),
    Tempting("04", "debug", "two-sigmoids", 2, before=("one_probability", ZERO)),
    Tempting(
        "04", "debug", "two-sigmoids", 4, "    return repaired", "    head.trainable = False\n    return repaired"
    ),
    Tempting(
        "04",
        "debug",
        "two-that-look-alike",
        4,
        "    return bool(farthest < 1e-2)",
        "    return sum(isinstance(layer, keras.Sequential) for layer in model.layers) < 2",
    ),
    Tempting("04", "debug", "metric-twice", 3, before=("mean_similarity", "given[0].reverse()")),
    Tempting("04", "measure", "measure-one-shot", 7, "matches(*known)", "matches(*unseen)"),
    Tempting("04", "measure", "measure-one-shot", 7, " if clear else None", ""),
    Tempting("04", "measure", "own-alphabet", 2, "y_train.max() + 1 + y_test", "y_test"),
    Tempting("04", "measure", "own-alphabet", 3, "range(40)", "range(0)"),
    Tempting("05", "build", "frozen-head", 4, "layers.Dense(1)", "layers.Dense(1, activation='relu')"),
    Tempting(
        "05", "measure", "measure-trunk", 7, "(lengths - centre) / width", "(lengths - lengths.mean(axis=0)) / width"
    ),
    Tempting("05", "measure", "measure-trunk", 7, " if clear else None", ""),
    Tempting("05", "measure", "own-two-heads", 5, "scale(entry)", "layers.Rescaling(0.002)(entry)"),
    Tempting("06", "build", "last-block", 3, "layer.name.startswith(block)", "block in layer.name"),
    Tempting("06", "build", "precompute", 5, "epochs=epochs, verbose=0", "epochs=epochs, verbose=2"),
    Tempting("06", "build", "three-ways", 5, ", clone_function=anew", ""),
    Tempting("06", "measure", "measure-transfer", 5, "model(x, training=False)", "model(x, training=True)"),
    Tempting("06", "measure", "measure-transfer", 5, " if clear else None", ""),
    Tempting("06", "project", "own-photographs", 6, "restore_best_weights=True", "restore_best_weights=False"),
    Tempting("06", "project", "own-photographs", 5, "base(small.prep", "base(2 * small.prep"),
]


@pytest.mark.parametrize("one", TEMPTING, ids=lambda one: one.task)
def test_it_loses_its_points(one: Tempting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (path,) = (ROOT / "solutions").glob(f"{one.chapter}_*/{one.notebook}.ipynb")
    (tmp_path / "images").mkdir()
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "__main__"}
    result = said = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the odd answers
        for cell in needed(nbformat.read(path, 4).cells, f"test-{one.task}"):
            answers = cell.metadata.get("nbgrader", {}).get("grade_id") == one.task
            result, said = ran(one.source if answers else cell.source, names)
    assert float(result) == one.points, said


@needs.sandboxed()
def test_course_grade_takes_the_same_points(tmp_path: Path):
    from functional_course.grading.running.grade import grade_class

    from test_grading import scores, submit

    chapter, name = "01_sequential_vs_functional", "build"
    source = tmp_path / "solutions" / chapter
    source.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / chapter / f"{name}.ipynb", source)
    shutil.copytree(ROOT / "solutions" / chapter / "images", source / "images")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    asked = [one for one in TEMPTING if (one.chapter, one.notebook) == ("01", name)]
    submit(tmp_path, chapter, name, "tempted", {one.task: one.source for one in asked})
    grade_class(tmp_path, chapter, workers=1)
    got = scores(tmp_path, chapter, name, "tempted")
    assert {one.task: got[one.task] for one in asked} == {one.task: one.points for one in asked}
