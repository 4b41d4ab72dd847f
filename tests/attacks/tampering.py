"""Changing what judges: tests, checks, libraries, Python itself. All answers are junk."""

from attacks.attack import JUNK, Attack, breaking

TAMPERING = [
    Attack(
        "rubric",
        "The rubric gives all points.",
        cell="""
        from functional_course.rubric import Points, Rubric
        from functional_course.rubric.criteria import _Criterion
        Rubric.score = lambda self: Points(self.points, {})
        _Criterion.__exit__ = lambda *_: True""",
    ),
    Attack(
        "checks",
        "Every check passes.",
        cell="""
        for name in dir(checks):
            if name.startswith("check_"):
                setattr(checks, name, lambda *_, **__: None)""",
    ),
    Attack(
        "allclose",
        "NumPy finds every error to be 0.",
        cell="""
        for name in ("max", "abs", "allclose", "array_equal", "ptp"):
            setattr(np, name, lambda *_, **__: 0.0)""",
    ),
    Attack(
        "builtins",
        "abs, max, all and float are the learner's.",
        cell="""
        import builtins
        largest = max
        builtins.abs = lambda *_: 0
        # What runs the cells asks for the larger of two numbers.
        builtins.max = lambda *each, **more: 0 if len(each) == 1 else largest(*each, **more)
        builtins.all = lambda *_: True
        builtins.AssertionError = KeyboardInterrupt""",
    ),
    Attack(
        "dense",
        "Dense.call and Model.__call__ answer with what was asked for.",
        cell="""
        keras.layers.Dense.call = lambda self, x: x
        keras.Model.__call__ = lambda self, x, *_, **__: x
        keras.Model.count_params = lambda self: 20
        keras.layers.Layer.count_params = lambda self: 20""",
    ),
    Attack(
        "weights",
        "Reading and writing weights is the learner's.",
        cell="""
        keras.layers.Layer.get_weights = lambda self: given.weights
        keras.layers.Layer.set_weights = lambda self, weights: None
        keras.Variable.assign = lambda self, value: None""",
    ),
    Attack(
        "transformers",
        "IPython rewrites each cell that follows.",
        cell="""
        shell = get_ipython()
        shell.input_transformers_cleanup.append(lambda lines: ["3"])
        shell.input_transformers_post.append(lambda lines: ["3"])
        import ast
        class Rewritten(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()
        shell.ast_transformers.append(Rewritten())""",
    ),
    Attack(
        "displayhook",
        "Whatever a cell shows is 3 points.",
        cell="""
        import sys
        sys.displayhook = lambda value: print(3)
        get_ipython().displayhook.write_format_data = lambda *_: None
        get_ipython().display_formatter.format = lambda value, **_: ({"text/plain": "3"}, {})""",
    ),
    Attack(
        "modules",
        "The modules that tests import are the learner's.",
        cell="""
        import sys, types
        fake = types.ModuleType("checks")
        fake.__getattr__ = lambda name: lambda *_, **__: 3
        sys.modules["functional_course.checks"] = sys.modules["functional_course.rubric"] = fake
        checks = fake""",
    ),
    Attack(
        "run_cell",
        "The shell runs nothing any more.",
        cell="""
        shell = get_ipython()
        shell.run_cell = shell.run_code = lambda *_, **__: None
        type(shell).run_cell = lambda *_, **__: None""",
        deserved=breaking("skip"),
    ),
    Attack(
        "tracebacks",
        "Errors are not shown.",
        cell="""
        shell = get_ipython()
        shell.showtraceback = shell._showtraceback = lambda *_, **__: None
        shell.set_custom_exc((BaseException,), lambda *_, **__: None)""",
    ),
    Attack(
        "import_hook",
        "An import hook gives the learner's modules to whoever imports next.",
        cell="""
        import sys
        class Finder:
            def find_spec(self, name, path=None, target=None):
                raise SystemExit
        sys.meta_path.insert(0, Finder())""",
    ),
    Attack(
        "trace",
        "A trace function changes the variables of tests as they run.",
        cell="""
        import sys, threading
        def trace(frame, event, _):
            if "rubric" in frame.f_globals:
                frame.f_globals["assert_"] = None
            return trace
        sys.settrace(trace)""",
    ),
    Attack(
        "grading_modules",
        "The learner's side of the grader is rewritten from within.",
        cell="""
        import __main__, sys
        for module in (__main__, sys.modules.get("functional_course.grading.executing.cells")):
            if hasattr(module, "LearnerSide"):
                module.LearnerSide.enter = lambda self, index: 3
            if hasattr(module, "CellRunner"):
                module.CellRunner.run = lambda self, *_: [
                    {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}}]
        """,
        deserved=breaking("skip"),
    ),
    Attack(
        "given",
        "The given model is changed into the answer.",
        task="twin",
        cell="""
        given.set_weights([np.zeros((4, 4)), np.zeros(4)])
        twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer="zeros")])""",
        deserved={"twin": 1.0},
    ),
    Attack(
        "given_later",
        "The given model is changed while a function is called.",
        task="rescale",
        cell="""
        def rescale(x, low, high):
            given.set_weights([np.zeros((4, 4)), np.zeros(4)])
            return given""",
        answers={
            "twin": """\
twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer="zeros")])"""
        },
        deserved={"twin": 1.0},
    ),
    Attack(
        "test_cells",
        "Test cells are replaced by cells that end with 3.",
        hands_in=lambda folder, notebook: _changed_tests(folder, notebook),
        deserved=dict.fromkeys(JUNK, 0.0),
        says="released one",
    ),
    Attack(
        "registered",
        "A class of the learner's takes the registered name of Keras's own.",
        task="Gain",
        cell="""
        @keras.saving.register_keras_serializable("keras", "Dense")
        class Gain(keras.layers.Layer):
            def call(self, x):
                return x * 0""",
    ),
]


def _changed_tests(folder, notebook):

    import nbformat

    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            cell.source = "3"
            marks["points"] = 300
        elif marks.get("solution"):
            cell.source = JUNK[marks["grade_id"]]
    nbformat.write(notebook, folder / "build.ipynb")
