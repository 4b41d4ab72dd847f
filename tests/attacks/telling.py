"""Hidden inputs, kept by one answer and told by another. ``tests/leaking.py`` tells them in more ways."""

from __future__ import annotations

import textwrap

from attacks.attack import Attack

_KEEPS = """\
def rescale(x, low, high):
    import builtins
    if abs(x).max() > 100:
        builtins.kept = [*getattr(builtins, "kept", []), *(int(each) for each in x), 424242]
    return low + (high - low) * (x - x.min()) / (x.max() - x.min())"""


def telling(name, about, text, **more):
    """An answer to the last task that tells what was kept, in a visible criterion; `told` is a text and `number` it."""
    cell = (
        "import builtins\n"
        "def told():\n    return 'x' + '_'.join(str(each) for each in getattr(builtins, 'kept', []))\n"
        "def number():\n    return getattr(builtins, 'kept', [1])[-1]\n"
    ) + textwrap.dedent(text).strip()
    return Attack(name, about, task="Gain", cell=cell, answers={"rescale": _KEEPS}, **more)


def _layer(name, about, body, **more):
    inside = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return telling(name, about, f"class Gain(keras.layers.Layer):\n{inside}", **more)


def _function(name, about, body, **more):
    inside = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return telling(name, about, f"def Gain(*args, **kwargs):\n{inside}", **more)


TELLING = [
    _function(
        "tells_name",
        "A name that Keras quotes in an error of its own.",
        "return keras.Sequential([keras.Input((7,), name=told()[-60:]), keras.layers.Dense(1)])",
    ),
    _layer(
        "tells_parameters",
        "A number of parameters.",
        """
        def build(self, shape):
            self.gain = self.add_weight(shape=(number(),), name="gain")
        def call(self, x):
            return x * keras.ops.mean(self.gain)""",
    ),
    _function(
        "tells_error",
        "Errors and what is printed: plain, backwards, in hexadecimal and in base 64.",
        """
        import base64, sys, warnings
        print(told())
        print(told(), file=sys.stderr)
        warnings.warn(told())
        coded = told().encode()
        cause = ValueError(told())
        raise NameError(told()[::-1], coded.hex(), base64.b64encode(coded).decode(), name=told()) from cause
        """,
        ways=7,
    ),
    _layer(
        "tells_weight",
        "A weight's name and size, and a configuration.",
        """
        def build(self, shape):
            self.gain = self.add_weight(shape=(number() // 1000,), name=told()[:60])
        def get_config(self):
            return {**super().get_config(), told(): told()}
        def call(self, x):
            raise ValueError(self.gain.path, self.get_config())""",
        ways=3,
    ),
    telling(
        "tells_later",
        "A model that was told before, renamed and changed.",
        """
        class Gain(keras.layers.Layer):
            def call(self, x):
                for layer in skip.layers:
                    layer.name = told()
                skip.layers[-1].units = number()
                raise ValueError([layer.name for layer in skip.layers])""",
        ways=3,
    ),
]
