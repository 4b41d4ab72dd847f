"""Wrong answers: variables frozen and no layer, BatchNormalization left out, an offset before the scale, flags kept."""
# ruff: noqa: F821


# %% freeze-late
# points: 3
# says: asked for 'base' unchanged by fit; found 2 weights that changed
# says: moving_mean
def freeze(model, base, rate):
    for weight in base.trainable_weights:
        weight.trainable = False
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    return model


# %% loop-no-op
# points: 3
# says: asked for 345 trainable parameters; found 337
def thaw(model, base, rate):
    base.trainable = False
    base.trainable = True
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    return model


# %% drifting-batchnorm
# points: 4
# says: ✗ 0/1  another base, frozen before: its other layers train, and so does the head: not so
def tuner(base):
    for layer in base._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(base(image))))


# %% raw-pixels
# points: 3
# says: asked for the same features; found differences of up to
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(layers.Rescaling(1 / 64, offset=-115)(image)))


# %% spoiled-source
# points: 3
# says: ✗ 0/1  everything in the copy trains, and none of it is the source's: not so
def new_task(source, classes):
    copy = keras.models.clone_model(source)
    copy.set_weights(source.get_weights())
    features = copy.get_layer("features").output
    return keras.Model(copy.inputs[0], layers.Dense(classes, activation="softmax")(features))


# %% rate-that-forgets
# points: 4
# says: the model ends compiled with the second rate, and all of it trains: asked for
def tuned(model, base, x, y, rates, epochs):
    for trains, rate, rounds in zip((False, True), rates, epochs, strict=True):
        base.trainable = trains
        model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
        model.fit(x, y, epochs=rounds, verbose=0)
    base.trainable = False
    return model
