"""Experiments at full size. Each is one module, run by ``course reproduce NAME``, and writes one file of results."""
