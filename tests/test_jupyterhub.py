"""What the guide "Teach with the course" says of JupyterHub: its commands and settings, between a teacher and learners.

JupyterHub itself isn't needed: what it adds to nbgrader's exchange are people with accounts of their own, whose rights
are all that is between one learner and another. As root, and on Linux, each command here runs as one of three users
that nobody made; elsewhere all of them are the user who runs the tests, and what depends on rights is skipped.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import functional_course
from functional_course.own_course.folder import _course_id

import nbformat
import nbgrader_command
import pytest
from conftest import ROOT
from nbgrader.utils import get_username
from small_course import ANSWERS, ASSIGNMENT, make_course

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange on Windows")

GUIDE = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("\n## On JupyterHub\n")[2].partition("\n## ")[0]
TEACHER, ADA, BEN = "teacher", "ada", "ben"
PEOPLE = {TEACHER: 60001, ADA: 60002, BEN: 60003}
HIDDEN, PACKAGE = "BEGIN HIDDEN TESTS", "for everybody"
CLOSED = (".git", "book", "solutions", "tests")
"""What gives answers away in a clone of the course: its results tell of answers, too."""


def blocks(language: str) -> list[str]:
    """The guide's blocks of code, in order."""
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


# --- other users ------------------------------------------------------------------------------------------------------


def closed_folders() -> dict[Path, set[Path]]:
    """What Python needs and other users can't reach, by the uppermost folder that is closed to them."""
    found: dict[Path, set[Path]] = {}
    package = Path(functional_course.__file__).parent.parent
    for path in {Path(each).resolve() for each in (sys.prefix, sys.base_prefix, package, ROOT)}:
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & 0o001:
                found.setdefault(parent, set()).add(path)
                break
    return found


def become(user: int, accounts: Path) -> None:
    """Give up being root for good, in this process, which sees Python where only root could.

    Args:
        user: whom to be.
        accounts: what this process finds at ``/etc/passwd``.
    """
    from functional_course.sandbox import kernel

    kernel.unshare(kernel.CLONE_NEWNS, "mounts of its own")
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount(str(accounts), "/etc/passwd", None, kernel.MS_BIND)
    for settings in filter(os.path.isdir, ("/etc/jupyter", "/usr/local/etc/jupyter")):  # this machine's own
        kernel.mount("tmpfs", settings, "tmpfs", 0, "size=1m,mode=0755")
    for folder, needed in closed_folders().items():
        opened = {path: os.open(path, os.O_PATH) for path in needed}
        kernel.mount("tmpfs", str(folder), "tmpfs", 0, "size=1m,mode=0755")
        for path, handle in opened.items():
            path.mkdir(parents=True, exist_ok=True)
            kernel.mount(f"/proc/self/fd/{handle}", str(path), None, kernel.MS_BIND | kernel.MS_REC)
            os.close(handle)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def command_as(user: int | None, accounts: Path, given: tuple[list[str], str, dict[str, str], str]) -> None:
    """In a forked process: be this user, and then nbgrader's command."""
    if user is not None:
        become(user, accounts)
    nbgrader_command._command(*given)


def try_to_become(user: int) -> None:
    """In a forked process: end without an error if another user can use this Python."""
    become(user, Path("/etc/passwd"))
    for path in (Path(os.__file__), Path(functional_course.__file__), ROOT / "nbgrader_config.py"):
        path.read_bytes()


@pytest.fixture(scope="module")
def others() -> bool:
    """Whether commands can run as other users here."""
    if sys.platform != "linux" or os.getuid() != 0:
        return False
    process = nbgrader_command._forked.Process(target=try_to_become, args=(PEOPLE[TEACHER],))
    process.start()
    process.join()
    return process.exitcode == 0


# --- a hub ------------------------------------------------------------------------------------------------------------


class Hub:
    """A folder that stands for the whole disk of a JupyterHub.

    Args:
        disk: an empty folder.
        others: whether people are users of their own.
    """

    def __init__(self, disk: Path, others: bool) -> None:
        self.disk, self.others = disk, others
        self.exchange = disk / "srv/nbgrader/exchange"
        self.repository = disk / "opt/functional_course"
        self.accounts = disk / "etc/passwd"
        self.learners = (ADA, BEN) if others else (ADA,)

    def home(self, who: str) -> Path:
        """The home folder of somebody."""
        return self.disk / "home" / who

    def own(self, who: str) -> None:
        """Give somebody what is in their home."""
        if self.others:
            for path in [self.home(who), *self.home(who).rglob("*")]:
                os.chown(path, PEOPLE[who], PEOPLE[who])

    def here(self, text: str) -> str:
        """The text of the guide, for this disk."""
        return re.sub(r"/(?=(opt|home|srv|etc)/)", f"{self.disk}/", text)

    def as_root(self, *commands: str) -> None:
        """Run the guide's commands that begin with these words."""
        lines = [line for line in blocks("bash")[0].splitlines() if line.startswith(commands)]
        assert len(lines) == len(commands), lines
        for line in lines:
            subprocess.run(["bash", "-c", self.here(line)], check=True)

    def nbgrader(self, who: str, *arguments: str, fails: bool = False) -> str:
        """What an nbgrader command says that somebody runs, a teacher in the course and a learner at home."""
        home = self.home(who)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))},
            "JUPYTER_CONFIG_PATH": str(self.disk / "etc/jupyter"),
            "HOME": str(home),
            "TMPDIR": str(self.disk / "tmp"),
        }
        at = home / "my_course" if who == TEACHER else home
        with tempfile.NamedTemporaryFile(dir=self.disk / "tmp") as said:
            os.chmod(said.name, 0o666)
            given = (list(arguments), str(at), environment, said.name)
            user = PEOPLE[who] if self.others else None
            process = nbgrader_command._forked.Process(target=command_as, args=(user, self.accounts, given))
            process.start()
            process.join(nbgrader_command.SECONDS)
            text = said.read().decode()
        assert (process.exitcode != 0) == fails, f"{who}: nbgrader {' '.join(arguments)}:\n{text[-6000:]}"
        return text

    def run(self, who: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the system's as somebody."""
        user = PEOPLE[who]
        return subprocess.run(words, user=user, group=user, extra_groups=[], capture_output=True, text=True, cwd="/")

    def readable(self, who: str, text: str) -> list[str]:
        """The files of the whole disk that hold the text and that somebody can read, without the disk's own name."""
        found = self.run(who, "grep", "-rlsF", text, self.disk).stdout.splitlines()
        return sorted(path.removeprefix(f"{self.disk}/") for path in found)


@contextlib.contextmanager
def mode(path: Path, planted: int) -> Iterator[None]:
    """Let a file or folder have other rights for a while."""
    before = path.stat().st_mode & 0o7777
    path.chmod(planted)
    try:
        yield
    finally:
        path.chmod(before)


def says(who: str) -> str:
    """What only the answer of this learner holds."""
    return f"the thought of {who}"


@pytest.fixture(scope="module")
def hub(others: bool) -> Iterator[Hub]:
    """A hub as the guide has it set up, with a course that was handed out, handed in, graded and given back."""
    disk = Path(tempfile.mkdtemp(prefix="hub-"))  # not below pytest's folder, which is closed to others
    try:
        disk.chmod(0o755)
        hub = Hub(disk, others)
        set_up(hub)
        there_and_back(hub)
        yield hub
    finally:
        shutil.rmtree(disk)


def set_up(hub: Hub) -> None:
    """What root and the teacher do before the course begins."""
    for name in ("tmp", "srv", "opt", "etc/jupyter", *(f"home/{who}" for who in PEOPLE)):
        (hub.disk / name).mkdir(parents=True)
    (hub.disk / "tmp").chmod(0o1777)
    lines = [f"{who}:x:{user}:{user}::{hub.home(who)}:/bin/sh\n" for who, user in PEOPLE.items()]
    hub.accounts.write_text(Path("/etc/passwd").read_text() + "".join(lines))
    everybody, teacher = blocks("python")
    (hub.disk / "etc/jupyter/nbgrader_config.py").write_text(hub.here(everybody))
    for part in ("functional_course", *CLOSED):
        (hub.repository / part).mkdir(parents=True)
        (hub.repository / part / "file.py").write_text(PACKAGE if part == "functional_course" else HIDDEN)
    course = make_course(hub.home(TEACHER) / "my_course")
    with open(course / "nbgrader_config.py", "a") as file:
        file.write(f"\nc.CourseDirectory.course_id = {_course_id(course)!r}\n")
    (hub.home(TEACHER) / ".jupyter").mkdir()
    (hub.home(TEACHER) / ".jupyter/nbgrader_config.py").write_text(hub.here(teacher))
    for who in PEOPLE:
        hub.own(who)
    hub.as_root("chmod 700", "chmod 755", "install -d")


def there_and_back(hub: Hub) -> None:
    """From the source to the feedback in the learners' homes. Nothing is executed: what arrives is in question."""
    hub.nbgrader(TEACHER, "generate_assignment", ASSIGNMENT)
    hub.nbgrader(TEACHER, "release_assignment", ASSIGNMENT)
    for who in hub.learners:
        hub.nbgrader(who, "fetch_assignment", ASSIGNMENT)
        path = hub.home(who) / ASSIGNMENT / "small.ipynb"
        notebook = nbformat.read(path, 4)
        answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "total")
        answer.source = f"{ANSWERS['total'][1]}  # {says(who)}"
        nbformat.write(notebook, path)
        hub.nbgrader(who, "submit", ASSIGNMENT)
    assert "cheating" not in hub.nbgrader(TEACHER, "collect", ASSIGNMENT)
    hub.nbgrader(TEACHER, "autograde", ASSIGNMENT, "--no-execute")
    hub.nbgrader(TEACHER, "generate_feedback", ASSIGNMENT)
    hub.nbgrader(TEACHER, "release_feedback", ASSIGNMENT)
    for who in hub.learners:
        hub.nbgrader(who, "fetch_feedback", ASSIGNMENT)


@pytest.fixture
def with_others(hub: Hub) -> Hub:
    """The hub, where its people are users of their own."""
    if not hub.others:
        pytest.skip("who may read what is tried as other users, for which root on Linux runs the tests")
    return hub


# --- the way of an assignment -----------------------------------------------------------------------------------------


def test_the_assignment_goes_out_and_the_answers_and_the_feedback_arrive(hub: Hub):
    course = hub.home(TEACHER) / "my_course"
    assert (hub.exchange / "my_course/outbound" / ASSIGNMENT / "small.ipynb").is_file()
    for who in hub.learners:
        student = who if hub.others else get_username()
        assert says(who) in (course / "submitted" / student / ASSIGNMENT / "small.ipynb").read_text()
        pages = list((hub.home(who) / ASSIGNMENT / "feedback").glob("*/small.html"))
        assert [says(who) in page.read_text() for page in pages] == [True]


def test_what_the_guide_sets_is_the_name_that_a_new_course_has():
    everybody, teacher = blocks("python")
    (folder,) = re.findall(r'Path\.home\(\) / "(.*)"\)', teacher)
    assert re.findall(r'course_id = "(.*)"', everybody) == [_course_id(Path(folder))]
    assert f"course init {folder}`" in SECTION
    assert f"Here, your own account is `{TEACHER}`" in SECTION and f"chown -R {TEACHER} " in SECTION


def test_settings_with_another_name_than_the_course_has_are_refused(hub: Hub):
    settings = hub.disk / "etc/jupyter/nbgrader_config.py"
    before = settings.read_text()
    settings.write_text(before.replace('"my_course"', '"functional_course"'))
    try:
        assert "Inbound directory doesn't exist" in hub.nbgrader(ADA, "submit", ASSIGNMENT, fails=True)
    finally:
        settings.write_text(before)


# --- who may read and change what -------------------------------------------------------------------------------------


def test_nobody_reads_the_work_of_another(with_others: Hub):
    hub = with_others
    for who, other in ((ADA, BEN), (BEN, ADA)):
        assert hub.readable(who, says(other)) == []
        assert len(hub.readable(who, says(who))) == 3  # the answer, nbgrader's copy of it, and the feedback


@pytest.mark.parametrize(
    ("opened", "shown"),
    [
        ("srv/nbgrader/exchange/my_course/inbound", f"{ADA}+{ASSIGNMENT}+"),
        ("srv/nbgrader/exchange/my_course/feedback", ".html"),
        (f"home/{ADA}", f"home/{ADA}/{ASSIGNMENT}/small.ipynb"),
        (f"home/{TEACHER}", f"home/{TEACHER}/my_course/submitted/{ADA}"),
    ],
)
def test_a_folder_that_others_can_open_shows_it(with_others: Hub, opened: str, shown: str):
    with mode(with_others.disk / opened, 0o755):
        assert shown in "\n".join(with_others.readable(BEN, says(ADA)))


def test_no_learner_reads_solutions(with_others: Hub):
    assert with_others.readable(BEN, HIDDEN) == []
    assert with_others.readable(BEN, "BEGIN SOLUTION") == []
    for part in CLOSED:
        with mode(with_others.repository / part, 0o755):
            assert with_others.readable(BEN, HIDDEN) == [f"opt/functional_course/{part}/file.py"]
    assert with_others.readable(BEN, PACKAGE) == ["opt/functional_course/functional_course/file.py"]


def test_no_learner_moves_the_course_away(with_others: Hub):
    hub = with_others
    course, away = hub.exchange / "my_course", hub.exchange / "away"
    assert "not permitted" in hub.run(BEN, "mv", course, away).stderr
    with mode(hub.exchange, 0o777):
        assert hub.run(BEN, "mv", course, away).returncode == 0
        away.rename(course)


def test_an_exchange_that_learners_cannot_write_to_is_refused(with_others: Hub):
    with mode(with_others.exchange, 0o755):
        said = with_others.nbgrader(TEACHER, "release_assignment", ASSIGNMENT, "--force", fails=True)
        assert "permission denied" in said
        assert "Unwritable directory" in with_others.nbgrader(BEN, "submit", ASSIGNMENT, fails=True)
    with_others.nbgrader(TEACHER, "release_assignment", ASSIGNMENT, "--force")


def test_who_hands_in_under_anothers_name_is_noticed(with_others: Hub):
    hub = with_others
    hub.nbgrader(BEN, "submit", ASSIGNMENT, f"--student={ADA}")
    said = hub.nbgrader(TEACHER, "collect", ASSIGNMENT, "--update")
    assert f"claims to be submitted by {ADA} but is owned by {BEN}" in said
    assert "cheating attempt?" in said
    assert "“cheating attempt?”" in SECTION
    taken = hub.home(TEACHER) / "my_course/submitted" / ADA / ASSIGNMENT / "small.ipynb"
    assert says(BEN) in taken.read_text()
