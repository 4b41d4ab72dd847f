"""What takes hours and is stored: experiments at full size, and the weights that come with the course.

An experiment is one module, run by ``course reproduce NAME``, and writes one file of results. ``pretrain`` and
``convert_lite0`` write the weights of :mod:`functional_course.backbones`.
"""
