"""Messages that have the judging side build, call or change what they should not: spoken by the learner."""

from __future__ import annotations

from attacks.attack import Attack
from attacks.faking import _LINE

_BUILD = (
    _LINE
    + """
def coded(value):
    return Encoder().encode(value)

def saved(module, name, registered=None, **config):
    return coded({"module": module, "class_name": name, "config": config, "registered_name": registered})

def own(key, saved):
    return {"key": key, "kind": "own", "saved": saved}

def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": "function"}

def zeros(*shape):
    arrays.append(np.zeros(shape, "float32").tobytes())
    return {"t": "array", "d": "<f4", "s": list(shape), "v": len(arrays) - 1}

arrays = []
OPERATION = {"t": "operation", "v": "cell0:given/4"}
ENTRY = {"key": "L1", "kind": "input", "out": ["L2"], "config": coded({"batch_shape": [None, 4]})}
CALL = {"kind": "call", "operation": "L3", "args": {"t": "tuple", "v": [{"t": "symbol", "v": "L2"}]},
        "kwargs": {"t": "dict", "v": []}, "out": ["L4"]}
MODEL = {"key": "L5", "kind": "functional", "name": "x", "inputs": {"t": "symbol", "v": "L2"},
         "outputs": {"t": "symbol", "v": "L4"}}

def model(layer):
    return {"value": {"t": "operation", "v": "L5"}, "definitions": [ENTRY, {**layer, "key": "L3"}, CALL, MODEL]}

def holding(**config):
    pairs = [[name, each if isinstance(each, dict) and "t" in each else coded(each)] for name, each in config.items()]
    return {"t": "dict", "v": [["module", "keras.layers"], ["class_name", "Dense"], ["registered_name", None],
                               ["config", {"t": "dict", "v": pairs}]]}

def hand_over(name, bodies):
    '''Told one after the other, each under keys of its own.'''
    made = []
    for place, body in enumerate(bodies):
        text = json.dumps({"states": {}, **body}).replace('"L', f'"L{place}x')
        made.append([name, text, [np.frombuffer(each, np.uint8) for each in arrays], None])
    serve({"outputs": "[]", "told": made}, {"outputs": "[]", "told": []}, always)

def always(header):
    say(0.0)
"""
)


_GIVEN = """
state = {"trainable": False, "config": {"units": 9}, "weights": [zeros(4, 4), zeros(4)]}
twice = {**state, "config": {}, "weights": [zeros(4, 4), zeros(4), zeros(4, 4), zeros(4)]}
L9 = {"t": "operation", "v": "L9"}
stack = {"key": "L9", "kind": "sequential", "name": "s", "layers": ["cell0:given/4"], "out": []}
wrapper = {"key": "L9", "kind": "wrapper", "class": ["keras.layers", "TimeDistributed"], "wrapped": "cell0:given/4",
           "config": coded({})}
kind = {"t": "class", "v": "L8", "name": "Gain", "registered": None, "parameters": None, "base": None}
written = {"key": "L9", "kind": "written", "class": kind, "name": "w", "layers": ["cell0:given/4"], "model": False,
           "about": coded({"name": "w", "layers": []})}
call = {"kind": "call", "operation": "cell0:given/0", "args": {"t": "tuple", "v": [zeros(2, 4)]},
        "kwargs": coded({"training": True}), "out": ["L4"]}
never_sent = {f"S{place}": state for place in range(1, 40)}
zeroed = {**model(own("L3", saved("keras.layers", "Dense", units=4))), "states": {"L3": {**state, "config": {}}}}
bodies = [
    {**model(own("L3", holding(units=4, activation=OPERATION))), "states": {"L3": twice}},
    {**model(own("L3", holding(units=4, kernel_regularizer=OPERATION))), "states": {"L3": twice}},
    {**model(own("L3", holding(units=4, kernel_initializer=OPERATION))), "states": {"L3": twice}},
    {"value": L9, "definitions": [stack], "states": {"L9": {**state, "layers": [], "out": []}, "cell0:given/4": state}},
    {"value": L9, "definitions": [wrapper], "states": {"L9": state}},
    {"value": L9, "definitions": [written], "states": {"L9": {**state, "names": [["a", True, "float32"]] * 2}}},
    {"value": 1.0, "definitions": [call]},
    {"value": [{"t": "operation", "v": key} for key in never_sent], "definitions": [], "states": never_sent},
    {"value": 1.0, "definitions": [], "states": {f"cell0:given/{place}": state for place in range(5)}},
    zeroed,
]
hand_over("twin", bodies)"""

_CLASSES = (
    ("keras", "layers.Lambda"),
    ("keras.layers.core.lambda_layer", "Lambda"),
    ("keras.src.layers.core.lambda_layer", "Lambda"),
    ("keras.layers", "TFSMLayer"),
    ("keras.layers", "JaxLayer"),
    ("keras.layers", "TorchModuleWrapper"),
    ("subprocess", "Popen"),
    ("keras.layers", "deserialize"),
    ("keras.models", "load_model"),
)
_FUNCTIONS = (
    ("keras.config", "set_epsilon"),
    ("keras.backend", "set_floatx"),
    ("keras.utils", "clear_session"),
    ("keras", "config.set_epsilon"),
    ("builtins", "eval"),
    ("keras.activations", "__loader__"),
    ("keras.config", "enable_unsafe_deserialization"),
    ("keras.utils", "get_file"),
)

_NAMED = f"""
lambda_ = {{"class_name": "__lambda__", "module": "builtins", "registered_name": None,
           "config": {{"code": "4wAAAAA=", "defaults": None, "closure": None}}}}
made = [saved(*names, function="x", filepath="/etc", args=["id"]) for names in {_CLASSES}]
made.append(saved(None, "Lambda", "keras>Lambda", function="x"))
made += [saved("keras.layers", "Dense", units=4, activation=each)
         for each in [lambda_, *(function(*names) for names in {_FUNCTIONS})]]
hand_over("skip", [model(own("L3", each)) for each in made])"""

_READS = """
def always(header):
    command = header["command"]
    if command == "record":
        say(None, kind="error", error={"kinds": ["ValueError"], "message": "no"})
    elif command == "reads":
        line.send({"kind": "answer", "value": [OPERATION], "definitions": [], "states": {}, "names": {}})
    else:
        say([1, np.zeros((2, 4), "float32"), [], [[0, np.zeros((4, 4), "float32")]]])
hand_over("rescale", [{"value": {"t": "function", "v": "L9f", "name": "f"}, "definitions": []}])"""


def _building(name: str, about: str, text: str, ways: int, **deserved: float) -> Attack:
    """Takes the place of all answers. No task deserves anything, but for what is told."""
    deserved = {"spread": 0.0, **dict.fromkeys(("rescale", "skip", "twin", "Gain")), **deserved}
    return Attack(name, about, task="spread", cell=_BUILD + text, deserved=deserved, ways=ways)


BUILDING = [
    # The last that is told is a model with 20 parameters, which computes zeros: wrong, if the given model is as it was.
    _building(
        "builds_with_given",
        "The given layer in whatever the other side makes, and zeros for that.",
        _GIVEN,
        10,
        twin=1.0,
    ),
    _building(
        "builds_named",
        "Classes and functions by names, paths and codes.",
        _NAMED,
        len(_CLASSES) + len(_FUNCTIONS) + 2,
    ),
    _building("reads_given", "A function that is said to read the given model, and to have changed it.", _READS, 1),
]
