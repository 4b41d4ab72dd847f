"""Wrong answers: clones, flags that are too small or too large, prepared twice."""
# ruff: noqa: F821


# %% freeze-late
# points: 1
# says: asked for 9 trainable parameters; found 0
# says: asked for something besides 'base' to learn in fit
def freeze(model, base, rate):
    model.trainable = False
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    return model


# %% loop-no-op
# points: 3
# says: ✗ 0/1  frozen as a whole, or inside a model in it: all of it trains: not so
# says: ✗ 0/1  through `fit`, every weight of it changes: not so
def thaw(model, base, rate):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    return model


# %% drifting-batchnorm
# points: 4
# says: ✗ 0/1  another base, frozen before: its other layers train, and so does the head: not so
def tuner(base):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(base(image))))


# %% raw-pixels
# points: 3
# says: asked for the same features; found differences of up to
# says: ✗ 0/1  another base, other pixels: its features of the prepared images: not so
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(small.preprocess_input(small.preprocess_input(image))))


# %% spoiled-source
# points: 2
# says: ✗ 0/1  another source: the copy begins with its numbers, statistics included: not so
# says: ✗ 0/1  everything in the copy trains, and none of it is the source's: not so
def new_task(source, classes):
    copy = keras.models.clone_model(source)
    features = copy.get_layer("features").output
    return keras.Model(copy.inputs[0], layers.Dense(classes, activation="softmax")(features))


# %% rate-that-forgets
# points: 2
# says: asked for a way between 0.0001 and 0.1; found
# says: ✗ 0/2  both stages, number by number: Adam anew, its rates, its epochs: not so
def tuned(model, base, x, y, rates, epochs):
    base.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rates[0]), loss="mse")
    model.fit(x, y, epochs=epochs[0], verbose=0)
    base.trainable = True
    model.optimizer.learning_rate = rates[1]
    model.fit(x, y, epochs=epochs[1], verbose=0)
    return model
