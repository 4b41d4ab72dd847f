"""The Keras Functional API, a course: the package that notebooks, graders and the command line share.

Importing it loads neither Keras nor TensorFlow. It does arrange that TensorFlow stays quiet when a later
``import keras`` loads it, so import it first (see :mod:`functional_course.quiet`).
"""

from functional_course import quiet

__version__ = "0.1.0"

quiet.install()
