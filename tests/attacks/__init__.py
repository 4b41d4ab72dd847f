"""Hostile and damaged submissions, in classes: what each tries, and what it deserves."""

from attacks.building import BUILDING
from attacks.changing import CHANGING
from attacks.crowding import CROWDING
from attacks.damaged import DAMAGED
from attacks.exhausting import EXHAUSTING
from attacks.faking import FAKING
from attacks.handing import HANDING
from attacks.posing import POSING
from attacks.reaching import REACHING
from attacks.reading import READING
from attacks.tampering import TAMPERING
from attacks.telling import TELLING

CLASSES = {
    "tampering with tests": TAMPERING,
    "faking results": FAKING,
    "posing as the teacher": POSING,
    "building what is not allowed": BUILDING,
    "changing what is given": CHANGING,
    "asking and handing back": HANDING,
    "reading secrets": READING,
    "telling hidden inputs": TELLING,
    "reaching others": REACHING,
    "exhausting resources": EXHAUSTING,
    "crowding neighbours": CROWDING,
    "damaged notebooks": DAMAGED,
}
"""The attacks of each class."""

ATTACKS = {attack.name: attack for attacks in CLASSES.values() for attack in attacks}
"""All attacks, by name: the students of one class."""
