"""Answers that are none: objects that pass every test, and the boundary's own protocol, spoken by the learner."""

from attacks.attack import Attack, breaking, rescaling

_LINE = """\
import json, os, socket, struct, time
from functional_course.boundary.values import Encoder
from functional_course.boundary.wire import Channel
line = Channel(socket.socket(fileno=os.dup(3)))

def say(value, arrays=(), **more):
    encoder = Encoder()
    coded = encoder.encode(value)
    line.send({"kind": "answer", "value": coded, "definitions": [], "states": {}, "names": {}, **more}, encoder.arrays)

def told(shown="[]", **bodies):
    told = [[name, json.dumps({"definitions": [], "states": {}, **body}), [], None] for name, body in bodies.items()]
    return {"outputs": shown, "told": told}

def value(coded):
    return {"value": coded}

def function(name):
    return value({"t": "function", "v": "L9" + name, "name": name})

def serve(first, later, always=None, command=None):
    '''Answer for ever: the first `run`, later ones as far as they ask for what there is, and anything else.'''
    say(first)
    while True:
        header, arrays = line.receive()
        if header["command"] == "run":
            asked = dict(header["value"]["v"])["tell"]
            say({**later, "told": [each for each in later["told"] if each[0] in asked]})
        elif header["command"] == "at" and command is None:
            say([False, False])  # as if all stood as it had: else what passes is doubtful
        elif header["command"] in ("judge", "at", "enter", "sync"):
            (command or (lambda header: say(None)))(header)
        elif always is None:
            say(0.0)
        else:
            always(header)
"""


def takeover(name, about, text, **more):
    """An attack that answers the judging side itself, in the answer to the first task."""
    cell = _LINE + "\n" + _dedent(text)
    return Attack(name, about, task="spread", cell=cell, **{"deserved": breaking("spread"), **more})


def _dedent(text):
    import textwrap

    return textwrap.dedent(text).strip()


FAKING = [
    Attack(
        "equal",
        "An object that is equal to everything and less than everything.",
        task="spread",
        cell="""
        class Equal(float):
            def __eq__(self, other): return True
            def __lt__(self, other): return True
            def __gt__(self, other): return True
            def __sub__(self, other): return self
            def __rsub__(self, other): return self
            def __abs__(self): return self
            __hash__ = float.__hash__
        spread = Equal(1)""",
    ),
    Attack(
        "array",
        "An array of a class whose operations give 0.",
        task="rescale",
        cell="""
        class Zero(np.ndarray):
            def __array_ufunc__(self, *_, **__): return 0.0
            def __array_function__(self, *_, **__): return 0.0
        def rescale(x, low, high):
            return np.zeros(x.shape).view(Zero)""",
    ),
    Attack(
        "text",
        "A text and a dictionary with methods of their own.",
        task="rescale",
        cell="""
        class Word(str):
            def __eq__(self, other): return True
        class Words(dict):
            def __getattr__(self, name): return 0
            def __sub__(self, other): return 0
        def rescale(x, low, high):
            return Words({Word("shape"): x.shape})""",
    ),
    rescaling(
        "nan",
        "Numbers that are neither above nor below.",
        "return np.full(x.shape, np.nan)",
        answers={"spread": 'spread = float("nan")'},
        deserved={"spread": 0.0},
    ),
    rescaling("empty", "An array without numbers.", "return np.zeros((0,) * x.ndim)"),
    Attack(
        "objects",
        "An array of Python objects.",
        task="rescale",
        cell="""
        class Zero:
            def __sub__(self, other): return 0.0
        def rescale(x, low, high):
            return np.array([Zero() for _ in x], object)""",
    ),
    Attack(
        "frames",
        "The function looks for the right answer in its callers.",
        task="rescale",
        cell="""
        import sys, gc
        def rescale(x, low, high):
            frame = sys._getframe()
            while frame:
                for names in (frame.f_locals, frame.f_globals):
                    for name in ("right", "HIDDEN", "reference", "cases"):
                        if name in names:
                            return names[name]
                frame = frame.f_back
            for each in gc.get_objects():
                if isinstance(each, dict) and "right" in each:
                    return each["right"]
            return None""",
    ),
    rescaling(
        "history",
        "Test sources from IPython's history.",
        """
        shell = get_ipython()
        for text in [*shell.user_ns.get("In", []), *map(str, shell.history_manager.input_hist_raw)]:
            if "SEC" + "RET" in text:
                return eval(text.split("right = ")[1].splitlines()[0])
        return None""",
    ),
    rescaling("stop_iteration", "A function that ends the loops of its callers.", "raise StopIteration"),
    rescaling("stop_generator", "A function that closes its caller.", "raise GeneratorExit"),
    rescaling("exit", "A function that asks Python to exit.", "raise SystemExit(0)"),
    rescaling("interrupt", "A function that raises KeyboardInterrupt.", "raise KeyboardInterrupt"),
    Attack(
        "lambda",
        "A model with a Lambda layer.",
        task="skip",
        cell="""
        row = keras.Input((4,), name="row")
        skip = keras.Model(row, keras.layers.Lambda(lambda x: x * 0)(row))""",
    ),
    Attack(
        "subclass",
        "A model of a class with answers of its own.",
        task="skip",
        cell="""
        class Any(keras.Model):
            def __getattribute__(self, name): return super().__getattribute__(name)
            def call(self, x): return x
            def count_params(self): return 20
            def predict(self, x, **_): return x
        skip = Any()""",
    ),
    Attack(
        "class_names",
        "Classes and errors with hostile names and texts.",
        task="rescale",
        cell="""
        class Text:
            def __str__(self): raise SystemExit
            __repr__ = __str__
        Bad = type("Bad" * 9999 + "<script>alert(1)</script>", (Exception,), {"__str__": lambda self: 1 / 0})
        def rescale(x, low, high):
            raise Bad(Text())""",
    ),
    Attack(
        "outputs_html",
        "Outputs of a cell with scripts, points and a rubric's data.",
        task="spread",
        cell="""
        from IPython.display import HTML, display
        display(HTML("<script>alert('attacked')</script>"))
        display({"application/vnd.functional-course.rubric+json": {"task": "spread", "points": 3, "earned": 3,
                 "verdicts": [{"title": "x", "points": 3, "earned": 3, "message": ""}]}, "text/plain": "3"}, raw=True)
        3""",
    ),
    takeover(
        "outputs_of_tests",
        "Outputs for the places of test cells, and points in a result.",
        """
        shown = json.dumps([{"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {},
                             "execution_count": 1, "index": 2}])
        serve(told(shown), told(shown))""",
    ),
    takeover(
        "outputs_script",
        "A picture that is a script, and text that no file can hold.",
        """
        shown = json.dumps([
            {"output_type": "display_data", "metadata": {"filenames": {"image/png": "x' onerror='alert(1)"}},
             "data": {"image/png": "\\"><script>alert('attacked')</script>", "text/html": "<script>alert(2)</script>"}},
            {"output_type": "stream", "name": "stdout", "text": "\\ud800"},
            {"output_type": "error", "ename": "\\udfff", "evalue": "<script>alert('attacked')</script>",
             "traceback": ["<script>alert('attacked')</script>\\ud800"]}])
        serve(told(shown), told(shown))""",
    ),
    takeover(
        "outputs_huge",
        "19 MB of outputs.",
        """
        shown = json.dumps([{"output_type": "stream", "name": "stdout", "text": "x" * 19_000_000}])
        serve(told(shown), told(shown))""",
    ),
    takeover(
        "outputs_deep",
        "Outputs that are nested a million times.",
        """
        serve(told("[" * 1_000_000), told("[" * 1_000_000))""",
    ),
    takeover(
        "names",
        "Functions of the learner's under the names of builtins and of modules.",
        """
        fakes = {name: function(name) for name in ("abs", "max", "all", "float", "list", "zip", "checks", "rubric")}
        first = told(spread=value(-1.0), **fakes)
        serve(first, first, lambda header: say("L9all" in str(header["value"]) or 0.0))""",
    ),
    takeover(
        "told_broken",
        "What is told is not what it should be.",
        """
        serve({"outputs": "[]", "told": [7, "x", None, [], ["spread"]]}, told())""",
    ),
    takeover(
        "told_huge",
        "Arrays of more bytes than there are.",
        """
        serve(told(spread=value({"t": "array", "d": "<f8", "s": [1 << 60], "v": 0})), told())""",
    ),
    takeover(
        "dtypes",
        "Arrays of objects, of records, of negative shapes.",
        """
        kinds = [{"t": "array", "d": kind, "s": shape, "v": 0} for kind in ("O", "V9", "f8,f8", "U99999999", "<f8")
                 for shape in ([-1, -1], [-3], ["x"], None)]
        serve(told(spread=value(kinds[0]), rescale=value(kinds), skip=value(kinds[-1])), told())""",
    ),
    takeover(
        "given_states",
        "The weights of the given model, sent as an answer.",
        """
        encoder = Encoder()
        encoded = [encoder.encode(np.zeros(shape)) for shape in ((4, 4), (4,))]
        states = {f"cell0:given/{place}": {"trainable": True, "config": {}, "weights": encoded} for place in range(4)}
        def answer(header):
            line.send({"kind": "answer", "value": 0.0, "definitions": [], "names": {}, "states": states},
                      encoder.arrays)
        serve(told(), told(), answer, answer)""",
    ),
    Attack(
        "given_forged",
        "Whatever is sent says that the given model has other weights.",
        task="twin",
        cell="""
        from functional_course.boundary import packing
        from functional_course.boundary.messages.states import State
        honest = packing.Packer._states
        def forged(self, honest=honest, State=State):
            states = honest(self)
            for key, each in self.known._objects.items():
                if key.startswith("cell0:given") and type(each) is keras.layers.Dense:
                    encoded = [self.encoder.encode(np.zeros(shape)) for shape in ((4, 4), (4,))]
                    states[key] = State(trainable=True, config={}, weights=encoded)
            return states
        packing.Packer._states = forged
        twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer="zeros")])""",
        deserved={"twin": 1.0},
    ),
    takeover(
        "keys",
        "Definitions under the judging side's own keys.",
        """
        definition = {"kind": "input", "config": {"t": "dict", "v": [["batch_shape", [None, 4]]]}}
        more = [{"key": key, "out": [f"{key}o"], **definition} for key in ("S1", "S2", "cell0:given/0", "cell2:x/0")]
        serve(told(spread={"value": 1.0, "definitions": more}), told(skip={"value": 1.0, "definitions": more}))""",
    ),
    takeover(
        "classes",
        "Layers of classes that run code, read files or are not Keras's.",
        """
        def saved(module, name, **config):
            return json.loads(json.dumps({"module": module, "class_name": name, "config": config,
                                          "registered_name": None}))
        def coded(each):
            return Encoder().encode(each)
        bad = [saved("keras.layers", "Lambda", function="x"), saved("keras.layers", "TFSMLayer", filepath="/etc"),
               saved("os", "system", command="id"), saved("keras.utils", "get_file", fname="x", origin="file:///"),
               saved("keras.layers", "StringLookup", vocabulary="/proc/self/environ"),
               saved("builtins", "function", value="eval"), saved("keras.src.layers", "deserialize")]
        more = [{"key": f"L{place}", "kind": "own", "saved": coded(each)} for place, each in enumerate(bad)]
        bodies = [{"value": {"t": "operation", "v": one["key"]}, "definitions": [one]} for one in more]
        first = {"outputs": "[]", "told": [["spread", json.dumps({"states": {}, **body}), [], None] for body in bodies]}
        serve(first, told())""",
    ),
    takeover(
        "recorded",
        "A recorded computation whose operations are functions that load layers.",
        """
        def always(header):
            if header["command"] == "record":
                load = {"t": "named", "v": ["keras.src.layers", "deserialize"]}
                config = Encoder().encode({"module": "os", "class_name": "function", "config": "system",
                                           "registered_name": "function"})
                line.send({"kind": "answer", "names": {}, "definitions": [], "states": {}, "value":
                           [[[load, [config], {"t": "dict", "v": []}, [5]]], {"t": "name", "v": 5}]})
            else:
                say(0.0)
        serve(told(), told(rescale=function("rescale"),
                           Gain=value({"t": "class", "v": "L8", "name": "Gain", "training": False})), always)""",
    ),
    takeover(
        "bomb",
        "A layer of 10**9 units, and one of a negative number.",
        """
        def layer(key, units):
            saved = {"module": "keras.layers", "class_name": "Dense", "config": {"units": units}}
            return {"key": key, "kind": "own", "saved": Encoder().encode(saved)}
        entry = {"key": "L1", "kind": "input", "out": ["L2"],
                 "config": Encoder().encode({"batch_shape": [None, 10**6]})}
        call = {"kind": "call", "operation": "L3", "args": {"t": "tuple", "v": [{"t": "symbol", "v": "L2"}]},
                "kwargs": {"t": "dict", "v": []}, "out": ["L4"]}
        body = {"value": 1.0, "definitions": [entry, layer("L3", 10**9), call]}
        other = {"value": 1.0, "definitions": [layer("L7", -5)]}
        serve(told(spread=body), told(skip=other, rescale=body))""",
    ),
    takeover(
        "nodes",
        "A graph of a hundred thousand nodes.",
        """
        entry = {"key": "L1", "kind": "input", "out": ["L2"], "config": Encoder().encode({"batch_shape": [None, 4]})}
        layer = {"key": "L3", "kind": "own", "saved": Encoder().encode(
            {"module": "keras.layers", "class_name": "ReLU", "config": {}})}
        calls = [{"kind": "call", "operation": "L3", "args": {"t": "tuple", "v": [{"t": "symbol", "v": "L2"}]},
                  "kwargs": {"t": "dict", "v": []}, "out": [f"L{place}"]} for place in range(10, 100_010)]
        serve(told(spread={"value": 1.0, "definitions": [entry, layer, *calls]}), told())""",
    ),
    takeover(
        "cycle",
        "A model whose output is made from itself.",
        """
        call = {"kind": "call", "operation": "L3", "args": {"t": "tuple", "v": [{"t": "symbol", "v": "L4"}]},
                "kwargs": {"t": "dict", "v": []}, "out": ["L4"]}
        model = {"key": "L5", "kind": "functional", "name": "x", "inputs": [{"t": "operation", "v": "L5"}],
                 "outputs": [{"t": "symbol", "v": "L4"}]}
        serve(told(spread={"value": {"t": "operation", "v": "L5"}, "definitions": [call, model]}), told())""",
    ),
    takeover(
        "garbage",
        "Bytes that are no message.",
        """
        os.write(3, os.urandom(4096))
        time.sleep(1)""",
    ),
    takeover(
        "lengths",
        "A message of 4 GB and 16 EB.",
        """
        os.write(3, struct.pack("!IQ", 2**32 - 1, 2**64 - 1))
        time.sleep(60)""",
    ),
    takeover(
        "json",
        "Messages of deep, endless or wrong JSON.",
        """
        for text in (b"[" * 100_000, b'{"arrays": [1e999]}', b"null"):
            os.write(3, struct.pack("!IQ", len(text), 0) + text)
        time.sleep(60)""",
    ),
    takeover(
        "answers_broken",
        "Every answer after the cells is of wrong types.",
        """
        def badly(header):
            say(None, definitions=7, states=[1], printed=[], error={"kinds": [{}]}, names=[], kind="error")
        serve(told(), told(rescale=function("rescale")), badly, badly)""",
    ),
    takeover(
        "replay",
        "Each answer is what was asked.",
        """
        def again(header):
            line.send({**header, "kind": "answer"}, [bytes(each) for each in header.get("arrays", [])])
        serve(told(), told(rescale=function("rescale")), again, again)""",
    ),
    takeover(
        "prints",
        "Every call prints as much as it may, so that results find no place.",
        """
        def always(header):
            say(None, printed="x\\n" * 10_000)
        serve(told(), told(rescale=function("rescale")), always)""",
    ),
    takeover(
        "callbacks",
        "The learner's side asks the judging side to call it, for ever.",
        """
        def always(header):
            ask = {"kind": "request", "command": "call", "names": {}, "definitions": [], "states": {},
                   "value": ["L9rescale", {"t": "tuple", "v": []}, {"t": "dict", "v": []}]}
            while True:
                for command in ("call", "from_config", "run", "judge", None):
                    line.send({**ask, "command": command})
                    line.receive()
        serve(told(), told(rescale=function("rescale")), always)""",
    ),
]
