"""Backbones to hang heads on: two pretrained ones in the package, VGG16 and ResNet50 as Keras ships them.

Every module has the same two functions, so that to change the backbone is to change one word:

- ``small.build()``, ``lite0.build()``, ``vgg16.build()``, ``resnet50.build()``: the network without its top, images in,
  feature maps out;
- ``small.preprocess_input(images)`` and so on: from images with values from 0 to 255 to what that backbone expects.
"""
