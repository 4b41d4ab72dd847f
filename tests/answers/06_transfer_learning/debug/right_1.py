"""Right answers: flags set layer by layer, functions of Keras for losses, layers in place of operations."""
# ruff: noqa: F821


# %% freeze-late
# points: 5
def freeze(model, base, rate):
    model.compile(keras.optimizers.SGD(learning_rate=rate), keras.losses.MeanSquaredError())
    for layer in base._flatten_layers():
        layer.trainable = False
    return model


# %% loop-no-op
# points: 5
def thaw(model, base, rate):
    pending = [base]
    while pending:
        part = pending.pop()
        part.trainable = True
        pending += getattr(part, "layers", [])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.MeanSquaredError())
    return model


# %% drifting-batchnorm
# points: 5
def tuner(base):
    def prepare(part):
        for layer in part.layers:
            layer.trainable = not isinstance(layer, layers.BatchNormalization)
            if isinstance(layer, keras.Model):
                prepare(layer)

    base.trainable = True
    prepare(base)
    image = keras.Input(base.input_shape[1:])
    head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(1)])
    return keras.Model(image, head(base(image)))


# %% raw-pixels
# points: 5
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, base(layers.Rescaling(1 / 64, offset=-115 / 64)(image)))


# %% spoiled-source
# points: 5
def new_task(source, classes):
    copy = keras.Model.from_config(source.get_config())
    for layer, its in zip(copy.layers, source.layers, strict=True):
        layer.set_weights(its.get_weights())
        layer.trainable = True
    image = keras.Input(source.input_shape[1:])
    rows = keras.Model(copy.input, copy.get_layer("features").output)(image)
    return keras.Model(image, layers.Softmax()(layers.Dense(classes)(rows)))


# %% rate-that-forgets
# points: 5
def tuned(model, base, x, y, rates, epochs):
    for layer in base.layers:
        layer.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rates[0]), loss=keras.losses.MeanSquaredError())
    model.fit(x, y, epochs=epochs[0], verbose=0)
    for layer in base.layers:
        layer.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rates[1]), loss=keras.losses.MeanSquaredError())
    model.fit(x, y, epochs=epochs[1], verbose=0)
    return model
