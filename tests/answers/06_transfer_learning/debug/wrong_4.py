"""Wrong answers: Keras's own rate, a momentum of 1, another backbone's preparation, half of the weights."""
# ruff: noqa: F821


# %% freeze-late
# points: 4
# says: ✗ 0/1  SGD with the rate that was given, and mean squared error: not so: it isn't compiled as was asked for
def freeze(model, base, rate):
    base.trainable = False
    model.compile(optimizer="sgd", loss="mse")
    return model


# %% loop-no-op
# points: 4
# says: ✗ 0/1  the model itself, the rest as it was, Adam with the rate that was given: not so
def thaw(model, base, rate):
    base.trainable = False
    base.trainable = True
    model.compile(optimizer="adam", loss="mse")
    return model


# %% drifting-batchnorm
# points: 4
# says: ✗ 0/1  the base itself, and the function that was asked for: not so: what was given was changed
def tuner(base):
    base.trainable = False
    base.trainable = True
    for layer in base._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 1.0
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(base(image))))


# %% raw-pixels
# points: 3
# says: asked for the same features; found differences of up to
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(keras.applications.vgg16.preprocess_input(image)))


# %% spoiled-source
# points: 3
# says: ✗ 0/1  another source: the copy begins with its numbers, statistics included: not so: its numbers differ
def new_task(source, classes):
    copy = keras.models.clone_model(source)
    for new, old in zip(copy.trainable_weights, source.trainable_weights, strict=True):
        new.assign(old)
    for layer in copy.layers:
        layer.trainable = True
    features = copy.get_layer("features").output
    return keras.Model(copy.inputs[0], layers.Dense(classes, activation="softmax")(features))


# %% rate-that-forgets
# points: 3
# says: ✗ 0/2  both stages, number by number: Adam anew, its rates, its epochs: not so: its numbers differ
def tuned(model, base, x, y, rates, epochs):
    base.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rates[0]), loss="mse")
    model.fit(x, y, epochs=epochs[0], verbose=0)
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rates[1]), loss="mse")
    model.fit(x, y, epochs=epochs[0] + epochs[1], verbose=0)
    return model
