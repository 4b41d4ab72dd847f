# The course in a container. There are two images to make of it, in the folder of the course:
#
#   docker build --target sandbox --tag functional-course .                in which `course grade` runs learners' answers
#   docker build --target classroom --tag functional-course-classroom .    JupyterLab with the exercises, for learners
#
# podman takes the same words. TensorFlow computes on the CPU; with --build-arg EXTRAS=gpu it gets what it needs on an
# NVIDIA GPU, and EXTRAS=jax or EXTRAS=torch brings another backend. The guide "Teach with the course" says more.
#
# Learners can read all that an image holds, so what it holds is named here, file by file, and .dockerignore lets no
# more than that into the build: no solutions, no tests.

# The Python of environment.yml. The base is named by its tag: nobody could look up its digest where this was written.
ARG PYTHON=3.12

FROM docker.io/library/python:${PYTHON}-slim-trixie AS wheel
WORKDIR /source
# What pyproject.toml reads for the extras, each at its place.
COPY book/requirements.txt book/
COPY solutions/cluster.txt solutions/gpu.txt solutions/jax.txt solutions/requirements.txt solutions/torch.txt solutions/
COPY tests/requirements.txt tests/
COPY LICENSE LICENSE-TEXT README.md pyproject.toml ./
COPY functional_course functional_course
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM docker.io/library/python:${PYTHON}-slim-trixie AS course
ARG EXTRAS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
COPY constraints.txt /opt/course/
COPY --from=wheel /wheels /opt/course/
RUN set -- /opt/course/*.whl \
    && pip install --no-cache-dir --constraint /opt/course/constraints.txt "$1${EXTRAS:+[${EXTRAS}]}"

FROM course AS classroom
RUN pip install --no-cache-dir --constraint /opt/course/constraints.txt jupyterlab \
    && useradd --create-home --uid 1000 learner
COPY nbgrader_config.py /opt/course/
COPY exercises /opt/course/exercises
# Links, so that a volume that holds the learner's folder finds the exercises of a newer image.
RUN mkdir /srv/course \
    && ln -s /opt/course/exercises /opt/course/nbgrader_config.py /srv/course/ \
    && chown -R 1000:1000 /srv/course
USER 1000:1000
WORKDIR /srv/course
EXPOSE 8888
CMD ["sh", "-c", "course start && exec jupyter lab --ip=0.0.0.0 --no-browser my_work"]

FROM course AS sandbox
# `course grade` gives the container this user anyway.
USER 65534:65534
WORKDIR /tmp
CMD ["python"]
