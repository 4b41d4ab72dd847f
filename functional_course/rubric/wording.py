"""The texts of verdicts that are the same whatever the answer is, so that programs can know them again."""

from __future__ import annotations

NOT_ANSWERED = "not answered yet"
"""The message of a criterion whose answer still raises ``NotImplementedError``."""

TOO_LONG = "it took too long"
ASKED_TO_EXIT = "the answer asked Python to exit"
AN_ERROR = "an error"
"""What is said of an error after hidden inputs, if it is a rare one: by its class an answer could tell much more."""
NO_TITLE = "a criterion whose title was made while the test ran"
LEFT_OUT = "what was found is left out: the answer has seen hidden inputs"
PRINTS_LEFT_OUT = "[what was printed is left out: the answer has seen hidden inputs]"

READING = "when the test reads what the answer gives"

NOT_SO = "not so"
IN_HIDDEN = " in a hidden test: try the answer on other inputs than the shown ones"
"""What follows the name of an error that a hidden criterion met with: what it met it on isn't said."""
RESTS_ON_EARLIER = "it needs what an earlier criterion asks for"
"""The message where the test itself would have made what is missing, had an earlier criterion not failed."""
