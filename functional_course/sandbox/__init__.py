"""Run a learner's code where it can read no secret, reach nobody and take no more than its share.

Linux only, without root, with the kernel's own calls: see :func:`enter`. Elsewhere
:mod:`functional_course.sandbox.container` does it with docker or podman.

Written by hand because bubblewrap and nsjail start a new program in the sandbox that they set up: it would import Keras
again for each submission. Here a process that was forked from the warm one (:mod:`functional_course.kernels`) enters.

Example:
    >>> from functional_course import sandbox
    >>> if sandbox.available() is None and (child := os.fork()) == 0:
    ...     sandbox.enter(sandbox.Policy(), keep_fds=[pipe])
    ...     run(the_learners_code)
    ...     os._exit(0)
"""

import sys

from functional_course.sandbox.policy import Policy, SandboxError

if sys.platform == "linux":
    from functional_course.sandbox.entry import available, describe, enter
    from functional_course.sandbox.hugepages import collapse_memory
    from functional_course.sandbox.limits import total_memory
    from functional_course.sandbox.reaper import END, OUT_OF_MEMORY, OUT_OF_TIME
    from functional_course.sandbox.together import keep_together, nothing_outlives
    from functional_course.sandbox.usage import ProcessorTime, memory_of_each, seconds_in_line
else:
    from functional_course.sandbox.elsewhere import (
        END,
        OUT_OF_MEMORY,
        OUT_OF_TIME,
        ProcessorTime,
        available,
        collapse_memory,
        describe,
        enter,
        keep_together,
        memory_of_each,
        nothing_outlives,
        seconds_in_line,
        total_memory,
    )

__all__ = [
    "END",
    "OUT_OF_MEMORY",
    "OUT_OF_TIME",
    "Policy",
    "ProcessorTime",
    "SandboxError",
    "available",
    "collapse_memory",
    "describe",
    "enter",
    "keep_together",
    "memory_of_each",
    "nothing_outlives",
    "seconds_in_line",
    "total_memory",
]
