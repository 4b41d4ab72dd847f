"""Warm notebook kernels: each one forked from a process in which Keras is already imported.

Importing TensorFlow takes seconds, and every notebook that is executed, graded or checked starts with it. Here one
process imports it once and then does nothing but fork. POSIX only; elsewhere, and whenever something is in the way,
the ordinary kernel starts instead.

The fork server is written by hand. The provisioner that jupyter_client brings starts each kernel as a new program,
which imports everything again. The fork server of :mod:`multiprocessing` can import beforehand, but it serves only
the process that started it and that one's children, and what it forks runs a pickled function. A kernel needs
arguments, a folder, environment variables and open files of its own, and many commands share one warm process.

Use it for one command through jupyter_client's own switch::

    JUPYTER_DEFAULT_PROVISIONER_NAME=warm-provisioner nbgrader autograde 01_sequential_vs_functional
"""
