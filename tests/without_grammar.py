"""A plugin for pytest that spares each of its processes two seconds: a grammar for international addresses.

jsonschema, and so nbformat, compiles it where it is imported. No notebook has such an address.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it can't be imported
