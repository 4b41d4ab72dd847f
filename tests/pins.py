"""The constraints files: which version of each package they give a Python on a system, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
SYSTEMS = ("linux", "darwin")
BACKPORTS = {"exceptiongroup", "tomli"}
"""What older Pythons lack, and the site's environment therefore has under them alone."""

THEME = {"pydata-sphinx-theme", "sphinx-book-theme"}
"""What needs Python 3.11, so that 3.10 builds the site with an older one (book/requirements.txt says what for)."""

Installed = Callable[[str], tuple[str, list[str]]]


def lines(text: str) -> list[Requirement]:
    """What a file asks for or pins, one requirement a line."""
    return [Requirement(line) for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]


def where(python: str, system: str = "linux") -> dict[str, str]:
    """The names that markers ask for, of a Python on one of the systems."""
    return {
        "python_version": python,
        # The newest of its kind: nobody installs the first ones any more.
        "python_full_version": f"{python}.99",
        "sys_platform": system,
        "platform_system": system.capitalize(),
        "platform_machine": "x86_64" if system == "linux" else "arm64",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def holds(requirement: Requirement, place: dict[str, str], extras: Iterable[str] = ()) -> bool:
    """Whether a requirement is meant for this place."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**place, "extra": extra}) for extra in ("", *extras))


def versions(text: str, place: dict[str, str]) -> dict[str, list[str]]:
    """The versions that a constraints file pins there, by package. One each, if the file is sound."""
    found: dict[str, list[str]] = {}
    for pin in lines(text):
        if holds(pin, place):
            found.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    return found


def faults(constraints: str, asked: Iterable[Requirement]) -> Iterator[str]:
    """What is wrong with a constraints file for what is asked for, on any Python and system, one line each."""
    for pin in lines(constraints):
        if not re.fullmatch(r"==[^*,]+", str(pin.specifier)):
            yield f"{pin.name}{pin.specifier} is not one version"
    asked = list(asked)
    for place in (where(python, system) for python in PYTHONS for system in SYSTEMS):
        here = f"on Python {place['python_version']}, {place['sys_platform']}"
        pinned = versions(constraints, place)
        for name, several in pinned.items():
            if len(several) > 1:
                yield f"{name} is pinned to {' and '.join(several)} {here}"
        for requirement in asked:
            version = pinned.get(canonicalize_name(requirement.name), [""])[0]
            if not holds(requirement, place):
                continue
            if not version:
                yield f"{requirement.name} is not pinned {here}"
            elif not requirement.specifier.contains(version, prereleases=True):
                yield f"{requirement.name} {version} is not {requirement.specifier} {here}"


def differences(constraints: str) -> Iterator[str]:
    """Where a constraints file gives a Python other packages than the one before, the backports aside."""
    for system in SYSTEMS:
        found = {python: versions(constraints, where(python, system)) for python in PYTHONS}
        for older, newer in pairwise(PYTHONS):
            excused = BACKPORTS | (THEME if older == "3.10" else set())
            for name in sorted((found[older].keys() | found[newer].keys()) - excused):
                one, other = found[older].get(name), found[newer].get(name)
                if one != other:
                    yield f"{name}: {one} on Python {older}, {other} on {newer}"


def unpinned(
    pinned: dict[str, list[str]], asked: Iterable[Requirement], place: dict[str, str], installed: Installed
) -> list[str]:
    """What comes along with what is asked for and isn't pinned, by the packages that are installed here.

    A package that is installed in another version than the pinned one may need others, so it isn't asked.

    Args:
        installed: gives a package's version and its requirements.
    """
    seen: set[tuple[str, str]] = set()
    waiting = [each for each in asked if holds(each, place)]
    missing: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in pinned:
            missing.add(name)
            continue
        if (name, str(sorted(requirement.extras))) in seen:
            continue
        seen.add((name, str(sorted(requirement.extras))))
        version, needs = installed(name)
        if pinned[name] == [version]:
            waiting += [each for each in map(Requirement, needs) if holds(each, place, requirement.extras)]
    return sorted(missing)
