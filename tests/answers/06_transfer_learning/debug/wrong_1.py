"""Wrong answers: what was published, or nearly."""
# ruff: noqa: F821


# %% freeze-late
# points: 2
# says: nothing in the base changes any more, and the head learns: asked for 'base' unchanged by fit
# says: ✗ 0/1  SGD with the rate that was given, and mean squared error: not so
def freeze(model, base, rate):
    base.trainable = False
    return model


# %% loop-no-op
# points: 1
# says: asked for 345 trainable parameters; found 9
# says: ✗ 0/1  through `fit`, every weight of it changes: not so
def thaw(model, base, rate):
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    return model


# %% drifting-batchnorm
# points: 3
# says: ✗ 0/1  a step in training mode leaves the statistics alone: asked for statistics that training leaves alone
# says: ✗ 0/1  another base: through `fit`, no statistics change: not so
def tuner(base):
    base.trainable = False
    base.trainable = True
    image = keras.Input(base.input_shape[1:])
    maps = base(image, training=False)
    return keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(maps)))


# %% raw-pixels
# points: 3
# says: asked for the same features; found differences of up to
# says: ✗ 0/1  another base, other pixels: its features of the prepared images: not so
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(layers.Rescaling(1 / 255)(image)))


# %% spoiled-source
# points: 3
# says: asked for 'source' as it was
# says: ✗ 0/1  everything in the copy trains, and none of it is the source's: not so
def new_task(source, classes):
    features = source.get_layer("features").output
    for layer in source.layers:
        layer.trainable = True
    return keras.Model(source.inputs[0], layers.Dense(classes, activation="softmax")(features))


# %% rate-that-forgets
# points: 2
# says: ✗ 0/1  with a second rate of 0, the base is what it was
# says: ✗ 0/2  both stages, number by number: Adam anew, its rates, its epochs: not so
def tuned(model, base, x, y, rates, epochs):
    model.compile(optimizer=keras.optimizers.Adam(rates[1]), loss="mse")
    model.fit(x, y, epochs=sum(epochs), verbose=0)
    return model
