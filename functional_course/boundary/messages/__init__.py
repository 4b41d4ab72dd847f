"""The messages between the two sides: what stands in each, and the check of what came.

What is sent has ``to_json``; what comes is made with ``of``, which raises ``wire.BoundaryError`` with what is wrong
where. The errors name keys of ``tags`` and quote nothing of what came but a definition's kind. What is coded in a
message (:data:`.parts.Coded`) is checked when it is decoded, and what a key stands for when it is looked up.

- :mod:`.requests` and :mod:`.answers`: the two kinds of message; :mod:`.bodies`: the value that either brings.
- :mod:`.definitions`: what the other side has to know of. Those of models, tensors and calls are in :mod:`.graphs`,
  those of what is called in :mod:`.layers`.
- :mod:`.states`: what has changed of a layer that both know.
- :mod:`.parts`: what stands under a key, checked.
"""
