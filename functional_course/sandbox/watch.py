"""Hold all processes of a sandbox together to its limits."""

from __future__ import annotations

from pathlib import Path

from functional_course.sandbox import cgroup, limits
from functional_course.sandbox.policy import Policy
from functional_course.sandbox.usage import PidNamespace

MEMORY, PROCESSOR = "memory", "processor"


class Watch:
    """Looks from outside, a few times a second.

    Args:
        inside: the processes.
        policy: what they may use together.
        group: their control group, if they have one.
    """

    def __init__(self, inside: PidNamespace, policy: Policy, group: Path | None = None) -> None:
        self._inside, self._policy, self._group = inside, policy, group
        # What the warm process shares with them counts in parts for them, and is none of theirs.
        self._memory = policy.memory_bytes + limits.own_memory()

    def exceeded(self) -> str | None:
        """Which limit is exceeded, :data:`MEMORY` or :data:`PROCESSOR`; None if none is."""
        # The kernel comes first where it is one process, and says so there.
        if self._inside.processor_seconds() > self._policy.cpu_seconds + 1:
            return PROCESSOR
        self._inside.step_back(self._policy.nice)
        if self._inside.memory_at_most() > self._memory and self._inside.memory() > self._memory:
            return MEMORY
        return None

    def ended(self) -> str | None:
        """All have ended. Which limit the kernel ended them for, as far as it tells."""
        found = MEMORY if cgroup.out_of_memory(self._group) else None
        cgroup.remove(self._group)
        return found
