"""Whether hidden tests have begun: from then on, answers may have seen hidden inputs."""

from __future__ import annotations

_begun = 0


def hidden_begun() -> int:
    """How many hidden tests have begun in this process: an answer may have seen hidden inputs once one has."""
    return _begun


def begin_hidden() -> None:
    """What follows is no part of the released notebook."""
    global _begun
    _begun += 1
