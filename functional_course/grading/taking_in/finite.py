"""Numbers in what others wrote: JSON has some that no float can hold."""

from __future__ import annotations

import math
from typing import Any, TypeGuard


def is_finite(value: Any) -> TypeGuard[float]:
    """Whether a value is a number that a float can hold, and no truth value.

    Example:

    >>> [is_finite(each) for each in (3, 0.5, 10**400, float("nan"), True, "3")]
    [True, True, False, False, False, False]
    """
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
