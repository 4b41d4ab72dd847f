"""What a learner's answers look like from another process: plain data, Keras graphs, and functions to call.

Learner code runs in one process and is judged in another. Between them passes data of a few exact types: numbers,
strings, containers, arrays, and Keras models as the calls that they record, the configuration of their layers and their
weights. Never pickle, never code. A model is rebuilt from that with Keras's own classes, so nothing that a learner put
into Keras, NumPy or a class of their own comes along; a layer that a learner wrote comes along as the operations that
its ``call`` records. Functions stay where they are and are called across the boundary.

- :mod:`.wire`: messages on a socket, with limits.
- :mod:`.values`: plain values and arrays, to and from JSON.
- :mod:`.graphs`: Keras layers, models and tensors, to and from JSON.
- :mod:`.layers`: a layer of the other side, run from the operations that it recorded.
- :mod:`.peer`: one end of the boundary: calls, and what both ends know.
"""
