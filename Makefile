# The commands of the course. Each sets up what it needs; `make` alone lists them.
#
# PYTHON says which Python makes the environments (3.10 or newer): make book PYTHON=python3.12
PYTHON ?= python3
PORT ?= 8000

# The versions that were tested: book/ has a file of this name for the site, and the root one for everything. Without a
# name come the newest that fit, for which an environment of their own is best: make test CONSTRAINTS= ENV=.venv-newest
CONSTRAINTS ?= constraints.txt

.DEFAULT_GOAL := help
.PHONY: help book serve learn check test evidence status backend answers mutants trials order notebooks release constraints

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what a target needs -----------------------------------------------------------------------------------------

# What is wrong with $(PYTHON), in a few words; empty when it can make an environment.
python_fault = $(shell \
	command -v "$(PYTHON)" >/dev/null 2>&1 \
		|| { echo "$(PYTHON) was not found: install Python 3.10 or newer, or name one with PYTHON=/path/to/python3"; exit; }; \
	"$(PYTHON)" -c "import sys; sys.exit(0)" >/dev/null 2>&1 \
		|| { echo "$(PYTHON) does not run: name another Python with PYTHON=/path/to/python3"; exit; }; \
	"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 10))" >/dev/null 2>&1 \
		|| { echo "$(PYTHON) is `"$(PYTHON)" -V 2>&1`, the course needs 3.10 or newer: name one with PYTHON=/path/to/python3"; exit; }; \
	"$(PYTHON)" -c "import venv, ensurepip" >/dev/null 2>&1 \
		|| echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt install python3-venv), or name another Python with PYTHON=/path/to/python3")

# Stops the target with that one line. $(error) and not a shell's exit, because make would add a second line.
need_python = $(if $(python_fault),$(error $(python_fault)))

# The same for an environment with TensorFlow, which has no build for the newest Python.
tensorflow_fault = $(shell "$(PYTHON)" -c "import sys; sys.exit(sys.version_info >= (3, 14))" \
	|| echo "$(PYTHON) is `"$(PYTHON)" -V 2>&1`, and TensorFlow has no build for it: name 3.10 to 3.13 with PYTHON=/path/to/python3")
need_tensorflow_python = $(call need_python)$(if $(tensorflow_fault),$(error $(tensorflow_fault)))

# --- the site ----------------------------------------------------------------------------------------------------

# The site is built from stored outputs, so its environment is small: no TensorFlow, no functional_course.
BOOK_ENV := .venv-book
BOOK_CONSTRAINTS := $(addprefix book/,$(CONSTRAINTS))
BOOK_PYTHON := $(BOOK_ENV)/bin/python

# The stamp is written last, so an interrupted installation starts again. A build compiles what it imports, which is a
# small part of what is installed.
$(BOOK_ENV)/installed: book/requirements.txt $(BOOK_CONSTRAINTS)
	$(call need_python)
	@echo "Setting up $(BOOK_ENV) for the book, once (about 60 MB to download)"
	@"$(PYTHON)" -m venv --clear $(BOOK_ENV)
	@$(BOOK_PYTHON) -m pip install --no-compile --quiet --disable-pip-version-check -r book/requirements.txt $(addprefix -c ,$(BOOK_CONSTRAINTS)) \
		|| { echo "pip could not install book/requirements.txt (see above): check the network and run make book again" >&2; exit 1; }
	@touch $@

# As a browser wants it, also for a folder with spaces in its name.
space := $(subst ,, )
address := file://$(subst $(space),%20,$(CURDIR))/_build/html/index.html

# Everything is read anew: Sphinx repeats no warning about a page that it took from its cache, so that the second of
# two builds would pass.
book: $(BOOK_ENV)/installed ## build the site into _build/html
	@rm -rf _build/html
	@$(BOOK_PYTHON) $(BOOK_ENV)/bin/jupyter-book build . --toc book/_toc.yml --all -W -n --keep-going --quiet
	@echo "The book is built. Open $(address), or run make serve."

serve: book ## build the site and serve it on this machine (PORT=8000)
	@$(BOOK_PYTHON) -c "import socket; socket.create_server(('127.0.0.1', $(PORT))).close()" 2>/dev/null \
		|| { echo "port $(PORT) is taken: choose another with make serve PORT=8001" >&2; exit 1; }
	@echo "The book is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@cd _build/html && exec ../../$(BOOK_PYTHON) -m http.server $(PORT) --bind 127.0.0.1 >/dev/null

# --- everything else -------------------------------------------------------------------------------------------------

# The environment of contributors and of `make test`: the package, with what builds, grades and tests it.
ENV := .venv
WORKERS ?= 2

# The backend of Keras that `make test` and `make backend` run on: tensorflow, jax or torch.
BACKEND ?= tensorflow
ON_TENSORFLOW := $(filter tensorflow,$(BACKEND))

$(ENV)/installed: pyproject.toml book/requirements.txt solutions/requirements.txt solutions/cluster.txt tests/requirements.txt \
		$(CONSTRAINTS)
	$(call need_tensorflow_python)
	@echo "Setting up $(ENV) with TensorFlow, once (about 1 GB to download)"
	@"$(PYTHON)" -m venv $(ENV)
	@$(ENV)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(ENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[book,grade,cluster,test]' $(addprefix -c ,$(CONSTRAINTS)) \
		|| { echo "pip could not install the course (see above): check the network and run make again" >&2; exit 1; }
	@touch $@

# Kernels are forked from a process that has imported Keras once (functional_course/kernels). None is on another backend:
# lessons and solutions begin there as they do for a reader.
$(if $(ON_TENSORFLOW),test) evidence status answers order notebooks: export JUPYTER_DEFAULT_PROVISIONER_NAME := warm-provisioner
# A processor has a worker of its own: more threads in each would only wait for each other.
check test evidence status backend answers mutants trials order: export OMP_NUM_THREADS := 1
check test evidence status answers mutants trials order: export TF_NUM_INTRAOP_THREADS := 1
check test evidence status answers mutants trials order: export TF_NUM_INTEROP_THREADS := 1

# Without two seconds of a grammar in each process that tests.
PYTEST := $(ENV)/bin/python -m pytest -p tests.without_grammar

# One more than that where tests wait: until a time is over, for processes of their own, for a browser.
MORE_WORKERS = $(shell expr $(WORKERS) + 1)

# JupyterLab comes with nbgrader. Its terminals find `course`, and its kernels the packages, in the environment.
learn: $(ENV)/installed ## open JupyterLab on your own copy of the exercises, in my_work/
	@$(ENV)/bin/course start
	@PATH="$(CURDIR)/$(ENV)/bin:$$PATH" exec $(ENV)/bin/jupyter lab my_work

# What needs no Keras, which alone takes ten seconds to import: form, types, and a fifth of the tests. One that comes to
# import it is refused by name.
WITHOUT_KERAS := $(patsubst %,tests/test_%.py,albums asked backends_page bare_notebooks class_names effort grader_page \
	grading_speed_page image imports init kept landing matches my_work new_chapter objectives one_intake panels penguins plots progress prose provenance \
	provisional_answers public_docstrings read_on references repairs rubric scope similarity_plots status_page stored_results style_gate \
	terminal titles unsolved utkface wine writing)

check: $(ENV)/installed ## the quick tests: form, types, and what needs no Keras
	$(ENV)/bin/ruff check .
	$(ENV)/bin/ruff format --check .
	$(ENV)/bin/mypy
	$(PYTEST) -q -p tests.without_keras -n $(WORKERS) --dist loadgroup $(WITHOUT_KERAS)

# Four suites, each red on its own: the code's form; the sandbox, in processes that hold nothing else; the package, the
# gates, the site and the grading; and every lesson and solution executed again and compared with what it stores. The
# dearest files of tests are skipped while nothing changed that they rest on (tests/passed_before.py): AGAIN=1 runs them,
# too, and writes down what passes.
#
# On another backend, what `make backend` does takes the place of that, and then every solution is graded there.
AGAIN ?=

test: $(if $(ON_TENSORFLOW),$(ENV)/installed,backend) ## run every test (AGAIN=1: also what passed before; BACKEND=jax or torch: on it)
ifneq ($(ON_TENSORFLOW),)
	$(ENV)/bin/ruff check .
	$(ENV)/bin/ruff format --check .
	$(PYTEST) -n $(WORKERS) --dist loadgroup tests/test_sandbox.py tests/test_sandbox_policy.py
	$(if $(AGAIN),COURSE_AGAIN=1) $(PYTEST) -n $(MORE_WORKERS) --dist loadgroup -p tests.costs -p tests.passed_before \
		--ignore tests/test_sandbox.py --ignore tests/test_sandbox_policy.py
	$(PYTEST) -n $(WORKERS) --dist loadscope -p tests.budget \
		--nbval --nbval-sanitize-with tests/nbval_sanitize.cfg book/index.ipynb book/chapters book/reference solutions
else
	$(PYTEST) -n $(WORKERS) --dist loadgroup tests/test_grading_backends.py
	KERAS_BACKEND=$(BACKEND) $(PYTEST) -n $(WORKERS) --dist loadgroup tests/test_graded_solutions.py
endif

# The experiments behind the lessons take as long as all else that is executed. A page of evidence or a comparison whose
# code, or what it imports of the course, has changed since it was executed is refused by `make test`, which also executes
# the page on PyTorch where there is PyTorch.
evidence: $(ENV)/installed ## execute the pages of evidence again and compare them with what they store
	$(PYTEST) -n $(WORKERS) --dist loadscope --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
		book/evidence book/comparisons/other_hands.ipynb

# All of both, and what each took goes into the book. A run in which a cell fails leaves the page as it is.
status: $(ENV)/installed ## execute all pages and solutions, compare, and tell in the book how long each took
	COURSE_STATUS=book/results/status.json $(PYTEST) -n $(WORKERS) --dist loadscope -p tests.status \
		--nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
		book/index.ipynb book/chapters book/reference solutions book/evidence book/comparisons/other_hands.ipynb
	$(ENV)/bin/python -m tests.status_page

# What the book says that a backend does otherwise; then the lessons and the solutions, where a cell may print something
# else than TensorFlow stored, and none may fail but those that are marked. No kernel is forked: nobody imports Keras
# beforehand on another backend.
backend: $(ENV)/installed ## execute lessons and solutions on another backend of Keras (BACKEND=jax or torch)
	$(if $(ON_TENSORFLOW),$(error Say on which backend: make backend BACKEND=jax, or torch))
	@$(ENV)/bin/python -c "import $(BACKEND)" 2>/dev/null \
		|| $(ENV)/bin/python -m pip install --quiet --disable-pip-version-check -r solutions/$(BACKEND).txt $(addprefix -c ,$(CONSTRAINTS))
	$(PYTEST) -q tests/test_backend_facts.py
	KERAS_BACKEND=$(BACKEND) $(PYTEST) -n $(WORKERS) --dist loadscope -p tests.backends \
		--nbval --nbval-sanitize-with tests/nbval_sanitize.cfg book/index.ipynb book/chapters book/reference solutions

# `make test` has five of the eight learners in tests/answers, and of these what isn't written down as graded before on
# all that it rests on. This grades all of them, and all forms, and writes down what is as it should be.
answers: $(ENV)/installed ## grade all answers of the tests with plain nbgrader and with course grade
	COURSE_ANSWERS=all COURSE_BOTH=1 $(PYTEST) -n $(WORKERS) --dist loadgroup tests/test_answers.py tests/test_answer_forms.py

# Each solution, changed in the ways in which learners go wrong. What is known of a mutant is kept in .course/, so a run
# that was stopped goes on.
mutants: $(ENV)/installed ## change every solution the way learners go wrong and see each change refused
	$(ENV)/bin/python -m tests.mutants --workers $(WORKERS) --output book/results/mutants.json

# The same answers once more, where chance, the machine or a seed could make the verdict another one. Kept and resumed
# in the same way.
TRIALS := -m tests.trials --workers $(WORKERS) --output book/results/trials.json

trials: $(ENV)/installed ## judge every answer from other seeds, with other last digits and in several runs
	$(ENV)/bin/python $(TRIALS) --solutions --seeds 20
	$(ENV)/bin/python $(TRIALS) --solutions --runs 5 --digits
	TF_ENABLE_ONEDNN_OPTS=0 $(ENV)/bin/python $(TRIALS) --solutions
	TF_ENABLE_ONEDNN_OPTS=1 $(ENV)/bin/python $(TRIALS) --solutions
	OMP_NUM_THREADS=4 TF_NUM_INTRAOP_THREADS=4 TF_NUM_INTEROP_THREADS=4 $(ENV)/bin/python $(TRIALS) --solutions
	$(ENV)/bin/python $(TRIALS) --runs 5

# What grades no class, each time in another order and with other hashes: no test may lean on the one before it.
RUNS ?= 20
SEED ?= 1
GRADING := $(patsubst %,tests/test_%.py,answer_forms answers attacks cells class_report containers folders grading \
	graded_solutions grading_backends heavy_texts leaks markers mutants naming nbgrader_flow own_course provisional running tempting)
SANDBOX := $(patsubst %,tests/test_%.py,sandbox sandbox_policy)
SHUFFLED = -q -p randomly -p no:cacheprovider --randomly-dont-reset-seed

order: $(ENV)/installed ## run the tests that grade no class in changed order (RUNS=20, SEED=1)
	@for seed in $$(seq $(SEED) $$(($(SEED) + $(RUNS) - 1))); do \
		echo "In the order of seed $$seed:"; \
		PYTHONHASHSEED=$$seed $(PYTEST) $(SHUFFLED) --randomly-seed=$$seed $(SANDBOX) || exit 1; \
		PYTHONHASHSEED=$$seed $(PYTEST) $(SHUFFLED) --randomly-seed=$$seed \
			$(addprefix --ignore ,$(GRADING) $(SANDBOX)) || exit 1; \
	done

notebooks: $(ENV)/installed ## execute the pages and the solutions and store their outputs
	$(ENV)/bin/course notebooks

release: $(ENV)/installed ## make exercises/ from solutions/ through nbgrader
	$(ENV)/bin/course release

# The newest versions that fit, for every Python and system at once. The site has the same for all Pythons, its theme aside,
# so that they build the same site, and what makes its pages is held in both files: the site that is tested is the one
# that is published. The rest may be newer where Python is.
UV_ENV := .venv-uv
PIN := $(UV_ENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-python-downloads --no-annotate \
	--custom-compile-command "make constraints, which CONTRIBUTING.md explains"
MAKES_PAGES := ^(docutils|imagesize|jupyter-book|jupyter-cache|markdown-it|mdit|myst|pydata-sphinx|pygments|rjsmin|sphinx|tinycss2)

constraints: ## pin the newest versions that fit, in constraints.txt and book/constraints.txt
	$(call need_python)
	@"$(PYTHON)" -m venv --clear $(UV_ENV)
	@$(UV_ENV)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(PIN) --fork-strategy fewest --output-file book/constraints.txt book/requirements.txt >/dev/null
	@grep -E '$(MAKES_PAGES)' book/constraints.txt > $(UV_ENV)/pages.txt
	@$(PIN) --constraints $(UV_ENV)/pages.txt --output-file constraints.txt pyproject.toml \
		book/requirements.txt solutions/requirements.txt solutions/cluster.txt tests/requirements.txt >/dev/null
	@echo "The versions are in constraints.txt and book/constraints.txt. Run make test and make book, and commit both."
