"""What a test needs of the machine. Where COURSE_NEEDS_SANDBOX=1 is set, as in CI on Linux, a lack is a failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from functional_course import sandbox

import pytest

SETTING = "COURSE_NEEDS_SANDBOX"


def skip(why: str | None, environment: Mapping[str, str] = os.environ) -> pytest.MarkDecorator:
    """A mark that skips tests for this reason, if there is one.

    Raises:
        pytest.fail.Exception: there is one, and the environment says that nothing may be skipped.
    """
    if why is not None:
        refuse(why, environment)
    return pytest.mark.skipif(why is not None, reason=f"no sandbox: {why}")


def refuse(why: str, environment: Mapping[str, str] = os.environ) -> None:
    """Fail if the environment says that there must be a sandbox."""
    if environment.get(SETTING, "") not in ("", "0"):
        pytest.fail(f"{SETTING} is set, and there is no sandbox: {why}", pytrace=False)


def sandboxed() -> pytest.MarkDecorator:
    """The mark of tests that need the sandbox."""
    return skip(sandbox.available() if sys.platform == "linux" else "it needs Linux")
