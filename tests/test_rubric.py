"""A rubric never raises, says why, gives partial credit, and tells nothing of hidden criteria."""

from __future__ import annotations

import ast
import sys

from functional_course.faults import Fault
from functional_course.rubric import MIME_TYPE, Rubric, Verdict
from functional_course.rubric.listening import Listener
from functional_course.rubric.sayable import SAYABLE
from functional_course.rubric.wording import (
    AN_ERROR,
    IN_HIDDEN,
    LEFT_OUT,
    NO_TITLE,
    PRINTS_LEFT_OUT,
    READING,
    RESTS_ON_EARLIER,
    TOO_LONG,
)

import pytest


def rubric(points: float = 4) -> Rubric:
    return Rubric("task", points, read="Chapter 1, section 2")


def test_points_add_up_and_the_result_is_a_number_to_nbgrader(capsys):
    judged = rubric()
    with judged.criterion(1, "first"):
        pass
    with judged.criterion(3, "second"):
        raise AssertionError("1 is not 2")
    score = judged.score()
    assert float(score) == 1
    bundle = score._repr_mimebundle_()
    assert bundle["text/plain"] == "1"
    assert [v["earned"] for v in bundle[MIME_TYPE]["verdicts"]] == [1, 0]
    assert capsys.readouterr().out == "✓ 1/1  first\n✗ 0/3  second: 1 is not 2\nRead on: Chapter 1, section 2\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise NotImplementedError()", "not answered yet"),
        ("missing", "`missing` does not exist"),
        ("raise SystemExit(0)", "the answer asked Python to exit"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("assert float('nan') < 1, 'found nan'", "found nan"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("raise ValueError('\\x1b[1mbold\\x1b[0m')", "ValueError: bold\n"),
    ],
)
def test_whatever_goes_wrong_is_a_verdict(body, says, capsys):
    judged = rubric()
    with judged.criterion(4, "works"):
        exec(body)
    assert float(judged.score()) == 0
    assert says in capsys.readouterr().out


def test_a_name_that_is_missing_for_an_error_is_told_with_it(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("functional_course.rubric.hidden._begun", 0)
    for source, says in (
        ("model = 1 / 0", "`model` does not exist: its cell stopped with ZeroDivisionError: division by zero\n"),
        ("other = 1 / 0", "`model` does not exist: its cell was not run, stopped with an error, or used another name"),
        ("model = 1; raise NotImplementedError()", "`model` does not exist: its cell was not run"),
    ):
        try:
            exec(compile(source, "cell", "exec"), {})
        except Exception as error:
            monkeypatch.setattr(sys, "last_value", error, raising=False)
        for hidden in (False, True):
            with rubric().criterion(4, "works", hidden=hidden):
                exec("model", {})
        out = capsys.readouterr().out
        assert says in out
        assert out.count("division") == says.count("division")


def test_where_somebody_listens_no_error_of_another_cell_is_told(capsys, monkeypatch: pytest.MonkeyPatch):
    """It may be a hidden test's own."""
    try:
        exec("model = {}['the hidden sum is 41.5']", {})
    except KeyError as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)
    with Listener(lambda: False), rubric().criterion(4, "works"):
        exec("model", {})
    monkeypatch.setattr("functional_course.rubric.hidden._begun", 1)
    with rubric().criterion(4, "works"):
        exec("model", {})
    out = capsys.readouterr().out
    assert "41.5" not in out and out.count("its cell was not run, stopped with an error") == 2


def test_an_input_that_a_model_lacks_is_told_in_other_words(capsys):
    with rubric().criterion(4, "works"):
        raise ValueError("Output with path `` is not connected to `inputs`")
    assert "`inputs` — an input that it is computed from isn't among the model's inputs\n" in capsys.readouterr().out


def cell(source: str, path: str, around: dict) -> None:
    exec(compile(source, path, "exec"), around)


ANSWER = """
def report(rows):
    return {"error": rows[3]}
def empty():
    return {}
def nested():
    return max(map(report, [[1]]))
"""


@pytest.mark.parametrize(
    ("test", "said", "hidden"),
    [
        ("report([1])", "IndexError: list index out of range (in `report`)", f"IndexError{IN_HIDDEN}"),
        ("nested()", "IndexError: list index out of range (in `nested`)", f"IndexError{IN_HIDDEN}"),
        ("empty()['mean']", f"KeyError: 'mean' ({READING})", "not so: a name or a key differs"),
        ("checked(empty())", f"KeyError: 'mean' ({READING})", "not so: a name or a key differs"),
        ("a, b = empty()", f"not enough values to unpack (expected 2, got 0) ({READING})", f"ValueError{IN_HIDDEN}"),
        ("json.loads(1)", "the JSON object must be str, bytes or bytearray, not int", f"TypeError{IN_HIDDEN}"),
    ],
)
def test_an_error_says_whose_it_is(test: str, said: str, hidden: str):
    around = {"rubric": rubric(), "__name__": "__main__"}
    cell(ANSWER, "/tmp/answer.py", around)
    criteria = "import json\ndef checked(found):\n    return found['mean']\n" + "".join(
        f"with rubric.criterion(1, 'works'{also}):\n    {test}\n" for also in ("", ", hidden=True")
    )
    cell(criteria, "/tmp/test.py", around)
    seen, unseen = (verdict.message for verdict in around["rubric"].verdicts)
    assert seen.endswith(said)
    assert unseen == hidden


def test_an_error_that_several_criteria_meet_is_told_once(capsys):
    judged = rubric()
    for number in (7, 8):
        with judged.criterion(1, "builds"):
            raise ValueError(f"layer dense_{number} takes no list")
    with judged.criterion(1, "computes"):
        raise ValueError("another one")
    out = capsys.readouterr().out
    assert out.count("ValueError: layer dense_7 takes no list") == 1
    assert out.count("the same error as above") == 1
    assert "ValueError: another one" in out


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt), rubric().criterion(1, "stops"):
        raise KeyboardInterrupt


def test_what_the_answer_prints_is_shown_and_never_on_stderr(capsys):
    judged = rubric()
    with judged.criterion(4, "prints"):
        print("from the answer")
        sys.stderr.write("a log line\n")
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "    | from the answer\n    | a log line\n" in printed.out
    assert float(judged.score()) == 4


def test_long_output_is_cut(capsys):
    with rubric().criterion(1, "prints"):
        print("\n".join(map(str, range(1000))))
    assert "... 980 more lines" in capsys.readouterr().out


def test_a_hidden_criterion_tells_neither_inputs_nor_texts(capsys):
    judged = rubric()
    with judged.criterion(2, "on other images", hidden=True):
        print("secret input marzipan")
        raise ValueError("secret input marzipan")
    with judged.criterion(2, "for other sizes", hidden=True):
        assert ["marzipan"] == ["nougat"], "asked for marzipan"
    judged.score()
    out = capsys.readouterr().out
    assert "marzipan" not in out
    assert f"✗ 0/2  on other images: ValueError{IN_HIDDEN}\n" in out
    assert "✗ 0/2  for other sizes: not so\n" in out


def test_to_a_frank_listener_a_hidden_criterion_says_what_it_found(capsys):
    judged = rubric()
    with Listener(lambda: False, frank=True):
        with judged.criterion(2, "on other images", hidden=True):
            print("what the answer printed")
            raise ValueError("3 rows")
        with judged.criterion(2, "for other sizes", hidden=True):
            raise AssertionError("found 3 rows, asked for 4")
        judged.score()
    assert capsys.readouterr().out.splitlines()[:2] == [
        "✗ 0/2  on other images: ValueError: 3 rows",
        "✗ 0/2  for other sizes: found 3 rows, asked for 4",
    ]


def test_points_left_for_grading_are_announced(capsys):
    judged = rubric()
    with judged.criterion(1, "first"):
        pass
    judged.score()
    assert "3 more points are judged when the notebook is graded." in capsys.readouterr().out


def test_criteria_worth_more_than_the_task_are_the_authors_mistake():
    judged = rubric(points=1)
    with judged.criterion(2, "first"):
        pass
    with pytest.raises(ValueError, match="add up to 2 points, the task has 1"):
        judged.score()


@pytest.mark.parametrize(
    "shares", [(0.1, 0.2), (0.1,) * 3, (1 / 3,) * 3, (0.7, 0.1, 0.1, 0.1), (1.1, 2.2), (1e-3,) * 7]
)
def test_points_that_are_fractions_add_up(shares, capsys):
    judged = rubric(points=float(f"{sum(shares):.10g}"))
    for share in shares:
        with judged.criterion(share, "a share"):
            pass
    score = judged.score()
    assert float(score) == score.rubric["judged"] == pytest.approx(judged.points, abs=1e-6)
    assert "more points" not in capsys.readouterr().out
    with judged.criterion(0.01, "one too many"):
        pass
    with pytest.raises(ValueError, match="add up to"):
        judged.score()


def test_full_marks_in_fractions_are_the_points_of_the_task():
    judged = rubric(points=0.3)
    for share in (0.1, 0.2):
        with judged.criterion(share, "a share"):
            pass
    assert judged.score() == 0.3


def test_after_hidden_inputs_a_verdict_quotes_nothing(capsys):
    knows = []
    judged = rubric(points=8)
    with Listener(lambda: bool(knows)) as listener:
        with judged.criterion(1, "before"):
            raise ValueError("marzipan")
        knows.append(True)
        for title, error in {
            "a check": AssertionError("found marzipan"),
            "an error": ValueError("marzipan"),
            "a name": NameError("marzipan", name="marzipan"),
            "late": RuntimeError(TOO_LONG),
            "leaves": SystemExit("marzipan"),
            "empty": NotImplementedError(),
        }.items():
            with judged.criterion(1, title):
                print("marzipan")
                raise error
        with judged.criterion(1, "right"):
            print("marzipan")
        score = judged.score()
    before, _, after = capsys.readouterr().out.partition("✗ 0/1  a check")
    assert before == "✗ 0/1  before: ValueError: marzipan\n"
    assert "marzipan" not in after and after.count(PRINTS_LEFT_OUT) == 7
    assert after.startswith(f": not so ({LEFT_OUT})\n") and f"an error: ValueError ({LEFT_OUT})\n" in after
    assert f"late: {TOO_LONG}\n" in after and "empty: not answered yet\n" in after and "✓ 1/1  right\n" in after
    assert float(score) == 1
    assert [said.left_out for said in listener.said] == [False] + 7 * [True] + [False]
    assert "marzipan" not in str(score.rubric["verdicts"][1:])
    with judged.criterion(0, "no listener"):
        raise ValueError("nougat")
    assert "nougat" in capsys.readouterr().out


EARLIER_FAILS = """
with judged.criterion(1, "made", hidden=hidden):
    assert hidden is None
    own = 3
with judged.criterion(1, "used", hidden=hidden):
    assert own == 3
with judged.criterion(1, "called", hidden=hidden):
    answer()
with judged.criterion(1, "asked", hidden=hidden):
    answer_missing()
"""


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("discreet", [False, True])
def test_what_a_failed_criterion_would_have_made_is_told_from_what_an_answer_lacks(hidden, discreet):
    names = {"judged": rubric(points=4), "hidden": hidden}
    exec(compile("def answer():\n    return own", "answer", "exec"), names)
    with Listener(lambda: discreet):
        # As IPython does, a statement at a time.
        for statement in ast.parse(EARLIER_FAILS).body:
            exec(compile(ast.Module([statement], []), "test", "exec"), names)
    messages = [verdict.message for verdict in names["judged"].verdicts]
    assert messages[1] == RESTS_ON_EARLIER
    assert RESTS_ON_EARLIER not in messages[2:] and all(messages)


def test_stored_verdicts_tell_of_doubts_only_where_there_are_some():
    assert "doubt" not in Verdict("a", 1, 1, "").as_json()
    assert Verdict("a", 1, 0, "", "unjudged").as_json()["doubt"] == "unjudged"


def test_after_hidden_inputs_a_title_that_an_answer_could_have_a_hand_in_is_not_said(capsys):
    knows = []
    judged = rubric(points=8)
    with Listener(lambda: bool(knows), own_titles={"in the test"}):
        for _ in range(2):
            for hidden in (False, True):
                for title in ("in the test", "marzipan"):
                    with judged.criterion(1, title, hidden=hidden):
                        assert hidden
            knows.append(True)
    lines = capsys.readouterr().out.splitlines()
    assert [NO_TITLE in line for line in lines] == [False] * 4 + [False, True] * 2
    assert ["marzipan" in line for line in lines] == [False, True] * 2 + [False] * 4
    assert "marzipan" not in str(judged.verdicts[4:])


def test_after_hidden_inputs_an_error_tells_little_by_its_class(capsys):
    import builtins

    judged, count = rubric(points=999), 0
    with Listener(lambda: True):
        for kind in vars(builtins).values():
            if isinstance(kind, type) and issubclass(kind, Exception):
                try:
                    error = kind("marzipan")
                except TypeError:  # some want more
                    continue
                count += 1
                for hidden in (False, True):
                    with judged.criterion(1, "title", hidden=hidden):
                        raise error
    said = {
        line.partition("title: ")[2].partition(f" ({LEFT_OUT})")[0] for line in capsys.readouterr().out.splitlines()
    }
    assert count > 40 and {f"ValueError{IN_HIDDEN}", "not so", f"{AN_ERROR}{IN_HIDDEN}"} <= said
    # Of a visible criterion the same is said, without a word on hidden tests.
    assert said <= SAYABLE | {each.removesuffix(IN_HIDDEN) for each in SAYABLE}
    assert len({each.removesuffix(IN_HIDDEN) for each in said}) <= 9


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Input 0 of layer is incompatible with the layer: expected min_ndim=4, found ndim=2", Fault.SHAPE),
        ('Missing data for input "image". You passed a data dictionary with keys [].', Fault.NAME),
    ],
)
def test_what_keras_refuses_of_inputs_is_told_by_its_place(text: str, says: Fault, capsys):
    around = {"__name__": "keras.src.layers.input_spec"}
    cell(f"def assert_input_compatibility():\n    raise ValueError({text!r})", "keras", around)
    for refused in (around["assert_input_compatibility"], lambda: int(text)):
        with rubric().criterion(4, "works", hidden=True):
            refused()
    shown = capsys.readouterr().out.splitlines()
    assert f"not so: {says.value}" in shown[0] and f"ValueError{IN_HIDDEN}" in shown[1]
