"""Warm notebook kernels: each one forked from a process in which Keras is already imported.

Importing TensorFlow takes seconds, and every notebook that is executed, graded or checked starts with it. Here one
process imports it once and then does nothing but fork. POSIX only; elsewhere, and whenever something is in the way,
the ordinary kernel starts instead.

Use it for one command through jupyter_client's own switch::

    JUPYTER_DEFAULT_PROVISIONER_NAME=warm-provisioner nbgrader autograde 01_sequential_vs_functional
"""
