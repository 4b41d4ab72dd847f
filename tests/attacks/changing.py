"""Functions that change what they are given, or what is given to all."""

from __future__ import annotations

from attacks.attack import Attack

_CHANGES = (
    "given.set_weights([np.zeros((4, 4)), np.zeros(4)])",
    "[each.assign(each * 0) for each in given.variables]",
    "given.layers[0].set_weights([np.zeros((4, 4)), np.zeros(4)])",
    "given.compile(keras.optimizers.SGD(0.1), loss='mse')",
    "given.train_on_batch(np.ones((4, 4)), np.zeros((4, 4)))",
    "given.layers[0].trainable = False",
    "given.layers[0].activation = lambda x: x * 0",
    "given.layers[0]._kernel = given.layers[0].kernel * 0",
    "given.call = lambda x, **_: x * 0",
    "given.pop(); given.add(keras.layers.Dense(4, kernel_initializer='zeros'))",
    "globals().update(given=None)",
    "setattr(keras.layers.Dense, 'call', lambda self, x, **_: x * 0)",
    "readings.__setitem__(slice(None), np.linspace(0, 0.5, readings.size))",
)
_CHANGER = f"""def rescale(x, low, high):
    for text in {_CHANGES}:
        try:
            exec(text, globals())
        except Exception:
            pass
    return low + (high - low) * (x - x.min()) / (x.max() - x.min())"""

CHANGING = [
    Attack(
        "given_changed_later",
        "A function changes the given model and the given numbers into what makes wrong answers right.",
        task="twin",
        cell="twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer='zeros')])",
        answers={"rescale": _CHANGER, "spread": "spread = 0.5"},
        deserved={"twin": 1.0, "spread": 1.0},
        ways=len(_CHANGES),
    ),
    Attack(
        "inputs_changed",
        "A function changes its arguments, so that right answers are made from what it left.",
        task="rescale",
        cell="""
        def rescale(x, low, high):
            x[:] = np.linspace(0, 1, x.size)
            return x * (high - low) + low""",
        # As far as its numbers are evenly spaced, it is right.
        deserved={"rescale": 1.0},
    ),
]
