"""Right answers: a layer that calls the base in inference, a Normalization that knows its numbers."""
# ruff: noqa: F821


# %% freeze-late
# points: 5
def freeze(model, base, rate):
    for layer in base.layers:
        layer.trainable = False
    base.trainable = False
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mean_squared_error", metrics=["mae"])
    return model


# %% loop-no-op
# points: 5
def thaw(model, base, rate):
    for layer in base._flatten_layers():
        layer.trainable = False
    for layer in base._flatten_layers():
        layer.trainable = True
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


# %% drifting-batchnorm
# points: 5
class InInference(layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, images):
        return self.inner(images, training=False)


def tuner(base):
    base.trainable = False
    base.trainable = True
    image = keras.Input(base.input_shape[1:])
    maps = InInference(base)(image)
    return keras.Model(image, layers.Dense(1)(keras.ops.mean(maps, axis=(1, 2))))


# %% raw-pixels
# points: 5
def on_pixels(base):
    image = keras.Input(base.input_shape[1:])
    scaled = layers.Normalization(mean=[115.0] * 3, variance=[64.0**2] * 3)(image)
    return keras.Model(image, base(scaled))


# %% spoiled-source
# points: 5
def new_task(source, classes):
    features = keras.Model(source.input, source.get_layer("features").output)
    copy = keras.models.clone_model(features)
    copy.set_weights(features.get_weights())
    copy.trainable = False
    copy.trainable = True
    return keras.Model(copy.input, layers.Dense(classes, activation="softmax")(copy.output))


# %% rate-that-forgets
# points: 5
def tuned(model, base, x, y, rates, epochs):
    def stage(trains, rate, times):
        base.trainable = trains
        model.compile(keras.optimizers.Adam(rate), "mse", run_eagerly=True)
        for _ in range(times):
            model.fit(x, y, verbose=0)

    stage(False, rates[0], epochs[0])
    stage(True, rates[1], epochs[1])
    return model
