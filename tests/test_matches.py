"""Matches: full seasons, chances that follow from the strengths, and results that follow from the chances."""

from __future__ import annotations

from collections import Counter

from functional_course.data import matches

import numpy as np
import pytest


@pytest.mark.parametrize(("teams", "seasons", "test_seasons"), [(20, 1, 5), (4, 3, 1), (2, 1, 1)])
def test_in_a_season_every_team_meets_every_other_at_home_and_away(teams: int, seasons: int, test_seasons: int):
    for played, times in zip(matches.load_data(teams, seasons, test_seasons), (seasons, test_seasons), strict=True):
        met = Counter(zip(played.home.tolist(), played.away.tolist(), strict=True))
        assert met == {(one, other): times for one in range(teams) for other in range(teams) if one != other}
        assert len(played) == len(played.chances) == times * teams * (teams - 1)
        assert played.home.dtype == played.away.dtype == np.int32
        assert played.home_won.dtype == played.chances.dtype == np.float32


def test_the_chances_are_those_of_the_strengths_and_the_home_advantage():
    train, _ = matches.load_data(seed=3)
    strengths = matches.strengths(seed=3)
    logits = np.log(train.chances / (1 - train.chances))
    expected = strengths[train.home] - strengths[train.away] + matches.HOME_ADVANTAGE
    assert np.abs(logits - expected).max() < 1e-4
    assert abs(strengths.mean()) < 1e-6


def test_matches_are_won_as_often_as_the_chances_say():
    _, test = matches.load_data(test_seasons=200)
    assert set(np.unique(test.home_won)) == {0.0, 1.0}
    for low in np.arange(0.1, 0.9, 0.1):
        among = (test.chances >= low) & (test.chances < low + 0.1)
        assert abs(test.home_won[among].mean() - test.chances[among].mean()) < 0.02


def test_the_order_of_the_matches_says_nothing():
    train, _ = matches.load_data(seasons=20)
    assert (np.diff(train.home) < 0).mean() > 0.4, "the matches are sorted by the home team"


def test_the_seed_decides():
    first, again, other = (matches.load_data(seed=seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first.home_won, again.home_won) and np.array_equal(first.home, again.home)
    assert not np.array_equal(first.chances, other.chances)


def test_the_seasons_to_test_on_are_other_matches_of_the_same_teams():
    train, test = matches.load_data(test_seasons=1)
    chances = [{(h, a): c for h, a, c in zip(m.home, m.away, m.chances, strict=True)} for m in (train, test)]
    results = [{(h, a): w for h, a, w in zip(m.home, m.away, m.home_won, strict=True)} for m in (train, test)]
    assert chances[0] == chances[1]
    assert results[0] != results[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"teams": 1}, "needs two teams; there are 1"),
        ({"seasons": 0}, "asked for 0 and 5"),
        ({"test_seasons": -1}, "asked for 1 and -1"),
    ],
)
def test_what_can_not_be_played_is_refused(arguments: dict[str, int], message: str):
    with pytest.raises(ValueError, match=message):
        matches.load_data(**arguments)
