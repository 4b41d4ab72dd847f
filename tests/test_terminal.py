"""Nothing that somebody else wrote steers the terminal of who reads it."""

from __future__ import annotations

import io
import json
from pathlib import Path

from functional_course import checking, cli
from functional_course.cli import console
from functional_course.rubric import MIME_TYPE, Verdict
from functional_course.terminal import Console, without_controls

import pytest
from click.testing import CliRunner
from rich.table import Table
from rich.text import Text

STEERING = {
    "clears the screen": "\x1b[2J\x1b[H",
    "colours": "\x1b[31;1mred\x1b[0m",
    "title": "\x1b]0;title\x07",
    "link": "\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;YQ==\x07",
    "in one byte": "\x9b31m\x9d0;t\x9c\x90q\x9c",
    "device control": "\x1bPq#0\x1b\\",
    "never ended": "\x1b]0;t",
    "cut off": "\x1b",
    "reset": "\x1bc\x1b(0",
    "carriage return": "wrong\rright",
    "backspaces": "no\b\bok\x7f",
    "bell": "\x07\x0e\x0f\x00",
    "direction": "\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "half a character": "\ud800",
}
MARKUP = ["[/nonsense]", "[bold]b[/bold]", "[link=http://x]y[/link]", ":smiley:", "[red", "\\[x]", "[@click=exit]z[/]"]


def _steers(text: str) -> list[str]:
    return [letter for letter in text if letter != "\n" and not letter.isprintable()]


@pytest.mark.parametrize("text", [*STEERING.values(), *MARKUP])
def test_a_text_is_shown_as_it_stands_wherever_it_is_put(text: str):
    shown = io.StringIO()
    console = Console(file=shown, width=300, force_terminal=False)
    table = Table(text, title=text, caption=text)
    table.add_row(text)
    table.add_row(Text(text))
    for each in (text, Text(text), table, Text.assemble((text, "bold"))):
        console.print(each)
    console.print(text, style="red", highlight=False)
    console.rule(text)
    console.log(text)
    assert _steers(shown.getvalue()) == []
    assert shown.getvalue().count(without_controls(text)) >= 8


@pytest.mark.parametrize("text", ["plain\n\tünï 日本語 é 👩‍👧", "x = [1, 2]", "a\u200db"])
def test_other_texts_stay(text: str):
    assert without_controls(text) == text


def test_colours_of_our_own_stay():
    shown = io.StringIO()
    Console(file=shown, force_terminal=True, color_system="standard", width=80).print("x\x1b[2J", style="red")
    assert shown.getvalue() == "\x1b[31mx\x1b[0m\n"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console, "out", Console(width=200))
    monkeypatch.setattr(console, "err", Console(stderr=True, width=200))


def test_a_report_of_a_strangers_notebook_steers_nothing(write_exercise, narrow: None, monkeypatch: pytest.MonkeyPatch):
    everything = "".join(STEERING.values()) + "".join(MARKUP)
    task = checking.TaskReport(
        everything, 1, 1, 0, (Verdict(everything, 1, 0, everything),), everything, everything, everything
    )
    report = checking.Report(everything, everything, (task, checking.TaskReport("b", 1, 1, 0, (), "", everything)))
    monkeypatch.setattr(checking, "check_notebook", lambda *_, **__: report)
    done = CliRunner().invoke(cli.main, ["check", str(write_exercise("value = 42"))])
    assert done.exit_code == 1
    assert _steers(done.output) == [] and "[/nonsense]" in done.output


def test_what_cannot_be_checked_steers_nothing(write_exercise, narrow: None):
    path = write_exercise("value = 42")
    notebook = json.loads(path.read_text())
    notebook["metadata"]["functional_course"]["cells"]["[/x]\x1b[2J"] = 3
    path.write_text(json.dumps(notebook))
    done = CliRunner().invoke(cli.main, ["check", str(path)])
    assert done.exit_code == 2 and "lacks the cell [/x]" in done.output and _steers(done.output) == []


GOOD = {"earned": 1, "judged": 2, "points": 3, "read": "x", "verdicts": []}
RESULTS = [
    3, [], {}, "x", {**GOOD, "earned": "x"}, {**GOOD, "earned": 1e308 * 10}, {**GOOD, "judged": None},
    {**GOOD, "earned": 10**400},
    {**GOOD, "read": 3}, {**GOOD, "verdicts": 3}, {**GOOD, "verdicts": [3]}, {**GOOD, "verdicts": [{"title": 3}]},
    {**GOOD, "verdicts": [{"title": "a", "points": 1, "earned": 1, "message": "", "more": 1}]},
    {**GOOD, "earned": 5}, {**GOOD, "earned": -1}, {**GOOD, "judged": 17},
]  # fmt: skip


def test_a_result_that_is_none_gives_no_points(tmp_path: Path):
    for result in RESULTS:
        assert checking.result_of([{"output_type": "display_data", "data": {MIME_TYPE: result}}], 3) is None
    found = checking.result_of([{"output_type": "display_data", "data": {MIME_TYPE: GOOD}}], 3)
    assert found is not None and (found.earned, found.judged, found.read) == (1, 2, "x")
