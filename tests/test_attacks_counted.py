"""There are attacks of every class, and the guide counts them rightly."""

from __future__ import annotations

import re

from attacks import ATTACKS, CLASSES
from conftest import ROOT
from leaking import WAYS


def test_every_class_has_its_attacks():
    assert sum(map(len, CLASSES.values())) == len(ATTACKS) >= 135
    ways = {name: sum(attack.ways for attack in attacks) for name, attacks in CLASSES.items()}
    assert min(ways.values()) >= 8 and sum(ways.values()) >= 220, ways


def test_the_guide_counts_them_rightly():
    guide = (ROOT / "book" / "guides" / "sandbox.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \|$", guide, re.MULTILINE)
    counted = {name: (len(attacks), sum(attack.ways for attack in attacks)) for name, attacks in CLASSES.items()}
    counted["all"] = tuple(map(sum, zip(*counted.values(), strict=True)))
    assert {name: (int(submissions), int(ways)) for name, submissions, ways in rows} == counted
    assert f"in {WAYS} ways" in guide
