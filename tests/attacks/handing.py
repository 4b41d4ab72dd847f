"""Whole exchanges that a learner's side makes up: what it asks back, and what it hands back."""

from __future__ import annotations

from attacks.attack import Attack
from attacks.faking import takeover

_KEYS = '("S1", "S2", "cell0:given/0", "cell0:given/1")'
_COMMANDS = (
    "call", "construct", "apply", "apply_outline", "record", "outline", "build", "build_for", "reads", "pull", "method",
)  # fmt: skip
_TENSOR = '{"t": "tensor", "d": "<f8", "s": [3, 4], "v": 0}'

_PROVISIONAL = """\
import gc, os, socket
from functional_course.boundary.wire import Channel
asked = [each for each in gc.get_objects() if type(each) is dict and type(each.get("cells")) is list]
header = next((each for each in asked if each["cells"] and "test" in each["cells"][0]), {})
tests = [each["index"] for each in header.get("cells", ()) if each["test"]]
end = Channel(socket.socket(fileno=os.dup(3))) if tests else None
for test in tests:
    end.send({"test": test, "cell": float("inf"), "criteria": [10 ** 400, float("nan"), [3]]})
if tests:
    os._exit(0)
spread = object()
"""
_GAIN = """
about = {"name": "gain", "dtype": "float32", "masking": False, "built": True, "layers": [], "state_size": None,
         "output_size": None}
gain = {"t": "class", "v": "L8", "name": "Gain", "registered": "a>Gain", "parameters": None, "base": None}
"""

HANDING = [
    takeover(
        "asks_back",
        "The given model and all that was sent, called in training, set, built and read by what is asked back; and "
        "shapes without end.",
        f"""
{_GAIN}
shapes = [[1 << 40, 1 << 40], None]
def always(header):
    if header["command"] == "construct":
        return say(["L11", about])
    if header["command"] != "call":
        return say({{"shape": shapes.pop(), "dtype": "float32", "is": "spec"}} if shapes else None)
    pairs = {{"t": "dict", "v": [["training", True]]}}
    many = [{_TENSOR}]
    for command in {_COMMANDS}:
        for key in {_KEYS}:
            more = [[], pairs, []] if command in ("reads", "pull", "method") else [many, pairs, many]
            line.send({{"kind": "request", "command": command, "names": {{}}, "definitions": [], "states": {{}},
                       "value": [key, *more]}}, [bytes(96)])
            line.receive()
    say([0.0, ["L9rescale", (), {{}}]])
serve(told(), told(rescale=function("rescale"), Gain=value(gain)), always)""",
        ways=len(_COMMANDS) * 4 + 2,
    ),
    takeover(
        "hands_back",
        "Arguments come back as something else, what a class makes bears the name of the given model or is of wrong "
        "kinds, and Keras is to go on from ten thousand names.",
        f"""
{_GAIN}
constructed = [["L11", {{**about, "name": "a/b", "dtype": "float8", "layers": [7]}}], ["cell0:given/1", about]]
forms = [["L9rescale", ([[[]]], {{}}, "x"), {{"low": NotImplemented}}], ["L9rescale", (np.array(["x"]), 1 << 60)]]
def always(header):
    names = {{**{{f"n{{header['seed']}}_{{each}}": 7 for each in range(9_990)}}, "dense": 10 ** 400, "": -1}}
    if header["command"] == "construct":
        return say(constructed.pop() if constructed else None)
    say([np.zeros(3), forms.pop() if forms else None], names=names)
serve(told(), told(rescale=function("rescale"), Gain=value(gain)), always)""",
        ways=5,
    ),
    Attack(
        "provisional_numbers",
        "Once judged beside its own code, it sends points of its own: such as no float holds, endless ones, none.",
        task="spread",
        cell=_PROVISIONAL,
        ways=3,
    ),
    Attack(
        "heavy_to_run",
        "Models that are small to tell, and endless to run where they are judged.",
        task="skip",
        cell="""
        row = keras.Input((4,), name="row")
        many = keras.layers.RepeatVector(2_000_000_000)(row)
        many = keras.layers.UpSampling1D(1_000)(many)
        many = keras.layers.ZeroPadding1D(1_000_000_000)(many)
        skip = keras.Model(row, row + keras.layers.Dense(4)(row) + 0 * keras.ops.sum(many, axis=1))""",
        deserved={"skip": 1.0},
        ways=3,
    ),
]
