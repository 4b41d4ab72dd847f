"""A learner's cell runs where a notebook's cell runs: magics, commands, widgets; and what does not end is told so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from functional_course.grading.judging.execution import NAMESPACES, NONE, Job, execute, policy
from functional_course.grading.judging.result import Result
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.roles import Role

import needs
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("grading")]

CLEARED = "from IPython.display import clear_output\nprint('before')\nclear_output()\nprint('after')"
REPLACED = "shown = display('first', display_id=True)\nshown.update('second')"
MUCH = "print('a' * 3_000_000)\n9"
ENDLESS = "lines = !yes\n10"

FINE = {
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()": "<Figure",
    "%matplotlib notebook": "",
    "%matplotlib agg": "",
    "%matplotlib inline": "",
    "%pylab inline": "",
    "%config InlineBackend.figure_format = 'retina'": "",
    "a = 3\n%store a": "Stored 'a' (int)",
    "%store": "Stored variables",
    "%autosave 60": "Autosaving every 60 seconds",
    "%load_ext autoreload\n%autoreload 2": "",
    "%time b = 4\nb": "4",
    "%%time\nc = 5\nc": "5",
    "%%capture shown\nprint(6)": "",
    "shown.stdout": "6\\n",
    "get_ipython().kernel.session is not None": "True",
    "get_ipython().kernel.do_shutdown(True)": "ok",
    "exit()": "",
    "get_ipython().system('echo h''ello')": "hello",
    "x = !printf 'one\\ntwo'\nx": "['one', 'two']",
    "x = 7\n!echo {x}$x": "77",
    "def f(y):\n    !echo {y}\nf(8)": "8",
    "!exit 3\n_exit_code": "3",
    "!kill -9 $$\n_exit_code": "-9",
    "!read answer; echo got: $answer.": "got: .",
    "!for i in {1..2}; do echo -n $i; done": "12",
    "!no-such-command; echo error >&2": "error",
    "!(sleep 1000 &) ; echo left": "left",
    "!which python >/dev/null; ls | wc -l": "",
    "import os\nos.system('echo by the system')": "by the system",
    "import subprocess, sys\nsubprocess.run(['echo', 'on', 'a', 'file'], stdout=sys.stdout).returncode": "on a file",
    "%pip --version": "pip",
    "places = !python -c 'import sys; print(sys.prefix)'\nplaces[0] == sys.prefix": "True",
    "!pip install keras": "already satisfied",
    "%mkdir made\n%cd made\n%cd ..\n%ls": "made",
    "%env A_B=3\n!echo $A_B": "3",
    "!nvidia-smi": "",
    "%%bash\necho bash$((1+1))": "bash2",
    "%%bash --out listed\necho kept": "",
    "listed": "kept\\n",
    "%%sh\necho sh": "sh",
    "%%bash --bg\nsleep 1000": "",
    "%%writefile mine.py\nvalue = 40\ndef more(n): return value + n": "Writing mine.py",
    "import mine\nmine.more(2)": "42",
    "%run mine.py\nvalue": "40",
    "%who int": "value",
    "%history -n 1-1": "",
    "_ + 2": "42",
    "display(1, 'a')": "1",
    CLEARED: "after",
    REPLACED: "'second'",
    "import ipywidgets\nslider = ipywidgets.IntSlider()\nslider": "IntSlider",
    "bar = ipywidgets.IntProgress(max=3)\ndisplay(bar)\nbar.value = 2": "IntProgress",
    "ipywidgets.interact(lambda n: None, n=3);": "interactive",
    "from IPython.display import HTML, Javascript\ndisplay(HTML('<b>x</b>'), Javascript('1'))": "Javascript",
    "import comm\ncomm.create_comm(target_name='t').send({'a': 1})": "",
    "import asyncio\nawait asyncio.sleep(0)\nasyncio.get_running_loop() is not None": "True",
    "asyncio.create_task(asyncio.sleep(0)) is not None": "True",
    "sys.stdin.read()": "''",
    "!cat; echo read": "read",
    "!python -c 'input()'; echo asked": "asked",
    "import webbrowser\nwebbrowser.open('http://example.com')": "False",
    "try:\n    input()\nexcept Exception:\n    print('no answer')": "no answer",
    "import faulthandler\nfaulthandler.enable()": "",
}
"""Cells that a kernel runs, each with a part of what it shows."""

WRONG = {
    "%matplotlib widget": "RuntimeError",
    "from google.colab import drive": "ModuleNotFoundError",
    "input('your name? ')": "StdinNotImplementedError",
    "import getpass\ngetpass.getpass()": "StdinNotImplementedError",
    "!sleep 1 &": "OSError",
    "%%bash\nexit 1": "CalledProcessError",
    "%conda install x": "ValueError",
    "import tkinter; tkinter.Tk()": "TclError",
    "import turtle; turtle.forward(1)": "TclError",
    "import matplotlib; matplotlib.use('TkAgg')": "ImportError",
    "import pdb; pdb.set_trace()\n1": "StdinNotImplementedError",
    "import code; code.interact()": "StdinNotImplementedError",
    "help()": "StdinNotImplementedError",
    "%%python\ninput()": "CalledProcessError",
}
"""Cells that fail in a kernel, each with the error."""

WITHOUT_NETWORK = {
    "%pip install a-package-that-is-not-there\nafter = 1": "No matching distribution",
    "!wget -q http://example.com || echo no wget": "no wget",
    "!curl -sS http://example.com || echo no curl": "no curl",
    "!git clone -q https://example.com/x.git || echo no git": "no git",
}

HANGING = {
    "!sleep 1000": "it took longer than 4 s by the clock: the command `sleep 1000` had not ended",
    "lines = !sleep 1000 | sleep 1000": "the command `sleep 1000 | sleep 1000` had not ended",
    "%%bash\nsleep 1000 & sleep 1000": "it took longer than 4 s by the clock",
    "import asyncio\nawait asyncio.sleep(1000)": "it took longer than 4 s by the clock",
    "subprocess.run('sleep 1000 | sleep 1000', shell=True)": "it took longer than 4 s by the clock",
}
RUNNING = (
    "import psutil, time\ntime.sleep(0.3)\n"
    "sorted(' '.join(p.cmdline()) for p in psutil.process_iter() if p.name() == 'sleep')"
)


def cells(sources: Mapping[str, Any], seconds: int) -> list[tuple[str, int]]:
    return [(source, seconds) for source in sources]


@pytest.fixture(scope="module")
def run() -> dict[str, list[dict[str, Any]]]:
    """What each cell showed, all in one notebook."""
    sources = cells(FINE, 60) + cells(WRONG, 60) + cells(WITHOUT_NETWORK, 120)
    sources += [
        (f"{RUNNING}  # before", 60),
        *cells(HANGING, 1),
        (f"{RUNNING}  # after", 60),
        (ENDLESS, 60),
        (MUCH, 60),
    ]
    planned = [
        Cell(index, Role.ADDED, source, seconds, name=f"cell {index}")
        for index, (source, seconds) in enumerate(sources)
    ]
    result = execute(Job(planned, policy=policy()))
    assert not result.ended and not result.trouble, (result.ended, result.trouble, result.said)
    return {source: result.outputs[index] for index, (source, _) in enumerate(sources)}


def text_of(outputs: list[dict[str, Any]]) -> str:
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain") or output.get("evalue") or ""
        for output in outputs
    )


def errors(outputs: list[dict[str, Any]]) -> list[str]:
    return [output["ename"] for output in outputs if output["output_type"] == "error"]


@pytest.mark.parametrize("source", FINE)
def test_a_cell_that_a_kernel_runs(run, source: str):
    assert not errors(run[source]), run[source]
    assert FINE[source] in text_of(run[source])


@pytest.mark.parametrize("source", WRONG)
def test_a_cell_that_fails_in_a_kernel_fails_alike(run, source: str):
    assert errors(run[source]) == [WRONG[source]]


@pytest.mark.parametrize("source", WITHOUT_NETWORK)
def test_a_command_without_network_says_so_and_the_cell_goes_on(run, source: str):
    assert not errors(run[source])
    assert WITHOUT_NETWORK[source] in text_of(run[source])


@pytest.mark.parametrize("source", HANGING)
def test_a_cell_that_hangs_is_told_and_what_it_started_ends(run, source: str):
    assert len(errors(run[source])) == 1
    assert HANGING[source] in text_of(run[source])


def test_only_what_ran_before_still_runs_after_a_hanging_command(run):
    before, after = (text_of(run[f"{RUNNING}  # {when}"]) for when in ("before", "after"))
    assert "sleep 1000" in before and before == after


def test_what_is_taken_back_does_not_fill_the_notebook(run):
    assert "before" not in text_of(run[CLEARED])
    assert "'first'" not in text_of(run[REPLACED])


def test_a_megabyte_is_cut_and_the_result_stays(run):
    assert "the rest is left out: more than 2 MB" in text_of(run[MUCH]) and text_of(run[MUCH]).endswith("9")
    assert "it printed more than 64 MB" in text_of(run[ENDLESS]) and text_of(run[ENDLESS]).endswith("10")


CALLED = {
    # What a test is told that calls such an answer.
    "def answer():\n    return input('your name? ')": "nobody answers `input()` here: give the value",
    "import getpass\ndef answer():\n    return getpass.getpass()": "nobody answers `input()` here",
    "def answer():\n    !sleep 1000": "the command `sleep 1000` had not ended",
    "def answer():\n    !cat\n    return 11": "11",
    "import subprocess\ndef answer():\n    subprocess.run('sleep 1000', shell=True)": "s by the clock",
    "def answer():\n    import tkinter\n    tkinter.Tk().mainloop()": "no display",
    "def answer():\n    import matplotlib.pyplot as plt\n    plt.plot([1])\n    plt.show()\n    return 12": "12",
    "def answer():\n    print('a' * 1_500_000)\n    return 13": "13",
    "answer = lambda: 14": "14",
}


def test_a_test_goes_on_after_answers_that_hang_ask_or_draw():
    cells = [cell for answer in CALLED for cell in ((Role.ANSWER, answer), (Role.TEST, "answer()"))]
    short = [2 * place + 1 for place, answer in enumerate(CALLED) if "sleep" in answer]
    result = judged(*cells, seconds=dict.fromkeys(short, 1))
    assert not result.ended and not result.trouble, (result.ended, result.trouble, result.said)
    shown = [text_of(result.outputs[2 * place + 1]).splitlines()[-1] for place in range(len(CALLED))]
    assert [said for said, asked in zip(shown, CALLED.values(), strict=True) if asked not in said] == []


def judged(
    *sources: tuple[Role, str],
    sandbox: str = NAMESPACES,
    beside: Iterable[Path] = (),
    seconds: Mapping[int, int] = MappingProxyType({}),
) -> Result:
    marks = {Role.ANSWER: {"solution": True, "grade": False}, Role.TEST: {"grade": True, "solution": False}}
    notebook = new_notebook(
        cells=[
            new_code_cell(text, metadata={"nbgrader": {"grade_id": f"g{place}", **marks.get(role, {})}})
            for place, (role, text) in enumerate(sources)
        ]
    )
    planned = Plan(notebook, seconds=60).cells(notebook, [role for role, _ in sources])
    ready = [replace(cell, seconds=seconds.get(place, cell.seconds)) for place, cell in enumerate(planned)]
    return execute(Job(ready, sandbox, policy(sandbox, beside=beside)))


def test_magics_run_on_both_sides_and_what_they_bind_is_judged():
    result = judged(
        (Role.GIVEN, "%matplotlib inline\n%config InlineBackend.figure_format = 'svg'\n%time start = 1"),
        (Role.GIVEN, "%%writefile given.py\nstep = 10"),
        (Role.GIVEN, "from given import step\nplaces = !printf 'a b'"),
        (Role.ANSWER, "%matplotlib inline\n!pip --version\n%time total = start + step\n"),
        (Role.ANSWER, "%%time\ntwice = 2 * total"),
        (Role.ANSWER, "%%capture printed\ndef thrice(n):\n    print(n)\n    return 3 * n"),
        (Role.TEST, "assert (start, places) == (1, ['a b'])\n(total, twice, thrice(2))"),
    )
    assert not result.said
    assert result.outputs[6][-1]["data"]["text/plain"] == "(11, 22, 6)", json.dumps(result.outputs)


@pytest.mark.parametrize("sandbox", [NAMESPACES, NONE])
def test_files_beside_the_notebook_are_there_on_both_sides(tmp_path: Path, sandbox: str):
    (tmp_path / "rows 1.csv").write_text("1,2\n3,4\n")
    (tmp_path / "helper.py").write_text("def doubled(n):\n    return 2 * n\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "more.txt").write_text("5")
    (tmp_path / "linked.txt").symlink_to(tmp_path / "data" / "more.txt")
    spoil = """
def spoiled(name):
    try:
        open(name, "w").close()
    except OSError:
        return "read-only"
    return "written"
"""
    result = judged(
        (Role.GIVEN, "import numpy as np\nfrom helper import doubled\nrows = np.loadtxt('rows 1.csv', delimiter=',')"),
        (Role.ANSWER, "import os\ntotal = doubled(int(rows.sum()))\nopen('own.txt', 'w').write('mine')"),
        (Role.ANSWER, "listed = sorted(name for name in os.listdir() if not name.startswith(('.', '_')))"),
        (Role.ANSWER, spoil + "spoils = [spoiled(n) for n in ('rows 1.csv', 'data/more.txt', 'helper.py')]"),
        (
            Role.TEST,
            "(total, int(rows.max()), open('data/more.txt').read(), open('linked.txt').read(), listed, spoils)",
        ),
        beside=sorted(tmp_path.iterdir()),
        sandbox=sandbox,
    )
    assert not result.said
    spoils = ["read-only" if sandbox == NAMESPACES else "written"] * 3
    expected = (20, 4, "5", "5", ["data", "helper.py", "linked.txt", "own.txt", "rows 1.csv"], spoils)
    assert result.outputs[4][-1]["data"]["text/plain"].replace("\n", "").replace("  ", " ") == repr(expected)
    assert (tmp_path / "rows 1.csv").read_text() == "1,2\n3,4\n" and (tmp_path / "helper.py").read_text()
