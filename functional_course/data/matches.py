"""Seasons of matches between teams with hidden strengths and a home advantage. Invented, so the truth is known.

A team has one strength, at home and away. The side that plays at home wins with the probability
``sigmoid(strength of home - strength of away + HOME_ADVANTAGE)``. There are no draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HOME_ADVANTAGE = 0.5


@dataclass(frozen=True)
class Matches:
    """Matches, who won them, and the chances that decided it.

    Attributes:
        home: which team plays at home, int32 of shape ``(n,)``, with ids from 0.
        away: which team plays away, the same.
        home_won: 1.0 where the home side won and 0.0 where the away side did, float32 of shape ``(n,)``.
        chances: the true probability that the home side wins, float32 of shape ``(n,)``. No model gets to see it.
    """

    home: np.ndarray
    away: np.ndarray
    home_won: np.ndarray
    chances: np.ndarray

    def __len__(self) -> int:
        return len(self.home_won)


def load_data(teams: int = 20, seasons: int = 1, test_seasons: int = 5, seed: int = 0) -> tuple[Matches, Matches]:
    """Play some seasons to learn from, and some later ones to test on. The strengths stay the same throughout.

    In a season every team meets every other twice, once at home and once away.

    Args:
        teams: how many teams.
        seasons: how many seasons to learn from.
        test_seasons: how many to test on. More of them make the score of a model more precise.
        seed: the strengths and the luck.

    Returns:
        The matches to learn from and those to test on, each in random order: ``seasons * teams * (teams - 1)`` and
        ``test_seasons * teams * (teams - 1)`` of them.

    Raises:
        ValueError: fewer than two teams, or a number of seasons below 1.

    Example:

    >>> train, test = load_data()
    >>> train.home.shape, test.home_won.shape
    ((380,), (1900,))
    """
    if teams < 2:
        raise ValueError(f"A match needs two teams; there are {teams}.")
    if seasons < 1 or test_seasons < 1:
        raise ValueError(f"At least one season each is played; asked for {seasons} and {test_seasons}.")
    rating, luck = strengths(teams, seed), np.random.default_rng(seed + 1)
    return _played(rating, seasons, luck), _played(rating, test_seasons, luck)


def strengths(teams: int = 20, seed: int = 0) -> np.ndarray:
    """The hidden strengths of the teams of :func:`load_data` with the same seed, float32 of shape ``(teams,)``.

    Their mean is 0, since only differences matter.

    Example:

    >>> strengths(teams=3).shape
    (3,)
    """
    drawn = np.random.default_rng(seed).normal(size=teams)
    return (drawn - drawn.mean()).astype("float32")


def _played(rating: np.ndarray, seasons: int, luck: np.random.Generator) -> Matches:
    """So many seasons, in random order."""
    home, away = np.nonzero(~np.eye(len(rating), dtype=bool))
    order = luck.permutation(np.tile(np.arange(len(home)), seasons))
    home, away = home[order].astype("int32"), away[order].astype("int32")
    chances = 1 / (1 + np.exp(-(rating[home] - rating[away] + HOME_ADVANTAGE)))
    home_won = (luck.random(len(home)) < chances).astype("float32")
    return Matches(home, away, home_won, chances.astype("float32"))
