"""What a learner's answers look like from another process: plain data, Keras graphs, and functions to call.

Learner code runs in one process and is judged in another. Between them passes data of a few exact types: numbers,
strings, containers, arrays, and Keras models as the calls that they record, the configuration of their layers and their
weights. Never pickle, never code. A model is rebuilt from that with Keras's own classes, so nothing that a learner put
into Keras, NumPy or a class of their own comes along; a layer that a learner wrote comes along as the operations that
its ``call`` records. Functions stay where they are and are called across the boundary.

What goes along:

- :mod:`.wire`: messages on a socket, with limits.
- :mod:`.messages`: what stands in each, and the check of what came; :mod:`.tags`: every key and tag in one table.
- :mod:`.values`: plain values and arrays, to and from JSON.
- :mod:`.known`: what both ends know, by the same keys.
- :mod:`.kinds`, :mod:`.states`, :mod:`.descriptions`, :mod:`.steps`, :mod:`.configs`, :mod:`.allowed`: what there is to
  tell of a layer, and what may be made of what is told.
- :mod:`.packing` and :mod:`.unpacking`: Keras layers, models and tensors, to and from JSON.

What is asked for:

- :mod:`.asking` and :mod:`.serving`: what one end asks of the other, and what the other then does.
- :mod:`.specs`, :mod:`.recording`, :mod:`.computations`: what a ``call`` does with symbolic tensors, and
  running that here.
- :mod:`.tapes` and :mod:`.calls`: calls that are differentiated across the boundary.
- :mod:`.layers`, :mod:`.standing_in`: what stands here for layers, classes and functions of the other end.
- :mod:`.handed`, :mod:`.reaching`, :mod:`.layer_names`, :mod:`.failures`: what a call did to its arguments, what it
  reads besides, the names that Keras gives, exceptions.
- :mod:`.peer`: one end of the boundary; :mod:`.learner_peer` and :mod:`.judging_peer`: what is so on one side only.
"""
