"""Hostile and damaged submissions, in classes: what each tries, and what it deserves."""

from attacks.damaged import DAMAGED
from attacks.exhausting import EXHAUSTING
from attacks.faking import FAKING
from attacks.reaching import REACHING
from attacks.reading import READING
from attacks.tampering import TAMPERING

CLASSES = {
    "tampering with tests": TAMPERING,
    "faking results": FAKING,
    "reading secrets": READING,
    "reaching others": REACHING,
    "exhausting resources": EXHAUSTING,
    "damaged notebooks": DAMAGED,
}
"""The attacks of each class."""

ATTACKS = {attack.name: attack for attacks in CLASSES.values() for attack in attacks}
"""All attacks, by name: the students of one class."""
