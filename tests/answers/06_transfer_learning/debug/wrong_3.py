"""Wrong answers: a copy in place of the model, a layer left out, the statistics left behind, the rates exchanged."""
# ruff: noqa: F821


# %% freeze-late
# points: 2
# says: and the head learns: asked for the 7 weights of 'base' in the model
def freeze(model, base, rate):
    base.trainable = False
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    fresh.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    return fresh


# %% loop-no-op
# points: 4
# says: ✗ 0/1  the model itself, the rest as it was, Adam with the rate that was given: not so
def thaw(model, base, rate):
    model.trainable = False
    model.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    return model


# %% drifting-batchnorm
# points: 3
# says: ✗ 0/1  another base: through `fit`, no statistics change: not so
# says: ✗ 0/1  another base, frozen before: its other layers train, and so does the head: not so
def tuner(base):
    base.trainable = True
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(base(image))))


# %% raw-pixels
# points: 4
# says: ✗ 0/1  saved and loaded, it computes the same: not so
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(layers.Lambda(lambda pixels: (pixels - 115.0) / 64.0)(image)))


# %% spoiled-source
# points: 2
# says: ✗ 0/1  training it leaves the source as it is: asked for 'source' as it was
# says: ✗ 0/1  everything in the copy trains, and none of it is the source's: not so
def new_task(source, classes):
    source.trainable = False
    features = source.get_layer("features").output
    return keras.Model(source.inputs[0], layers.Dense(classes, activation="softmax")(features))


# %% rate-that-forgets
# points: 0
# says: asked for a way between 0.0001 and 0.1; found
# says: asked for a learning rate of 0.0005; found 0.05
def tuned(model, base, x, y, rates, epochs):
    base.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rates[1]), loss="mse")
    model.fit(x, y, epochs=epochs[1], verbose=0)
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rates[0]), loss="mse")
    model.fit(x, y, epochs=epochs[0], verbose=0)
    return model
