"""Right answers: settings of the compiled model changed, a copy by way of a file, weights that stay for a scale."""
# ruff: noqa: F821


# %% freeze-late
# points: 5
def freeze(model, base, rate):
    base.trainable = False
    settings = model.get_compile_config()
    settings["optimizer"] = keras.optimizers.serialize(keras.optimizers.SGD(rate))
    settings["loss"] = "mean_squared_error"
    model.compile_from_config(settings)
    return model


# %% loop-no-op
# points: 5
def thaw(model, base, rate):
    def open_up(part):
        for inner in getattr(part, "layers", []):
            open_up(inner)
        if not part.trainable or not hasattr(part, "layers"):
            part.trainable = True

    open_up(base)
    model.compile(loss=keras.losses.mean_squared_error, optimizer=keras.optimizers.Adam(learning_rate=rate))
    return model


# %% drifting-batchnorm
# points: 5
class Tuner(keras.Model):
    def __init__(self, base):
        image = keras.Input(shape=base.input_shape[1:])
        maps = base(image)
        means = layers.Flatten()(layers.AveragePooling2D(maps.shape[1:3])(maps))
        super().__init__(inputs=image, outputs=layers.Dense(1, activation="linear")(means))


def tuner(base):
    everything = [base]
    while any(isinstance(part, keras.Model) for part in everything):
        for part in [part for part in everything if isinstance(part, keras.Model)]:
            part.trainable = False
            part.trainable = True
            everything.remove(part)
            everything += part.layers
    for layer in everything:
        layer.trainable = type(layer) is not layers.BatchNormalization
    return Tuner(base)


# %% raw-pixels
# points: 5
def on_pixels(base):
    # Each channel by itself, as a convolution that never learns.
    prepare = layers.Conv2D(3, 1, trainable=False, name="prepare")
    prepare.build((None, *base.input_shape[1:]))
    prepare.set_weights([np.eye(3).reshape(1, 1, 3, 3) / 64, np.full(3, -115 / 64)])
    image = keras.Input(shape=base.input_shape[1:])
    return keras.Model(inputs=image, outputs=base(prepare(image)))


# %% spoiled-source
# points: 5
def new_task(source, classes):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source.save(f"{folder}/source.keras")
        copy = keras.saving.load_model(f"{folder}/source.keras", compile=False)
    for layer in copy.layers:
        layer.trainable = True
    scores = layers.Dense(classes)(copy.get_layer("features").output)
    return keras.Model(inputs=copy.input, outputs=keras.ops.softmax(scores, axis=-1))


# %% rate-that-forgets
# points: 5
def tuned(model, base, x, y, rates, epochs):
    done = 0
    for stage in range(2):
        for layer in base.layers:
            layer.trainable = stage == 1
        adam = keras.optimizers.get({"class_name": "Adam", "config": {"learning_rate": rates[stage]}})
        model.compile(adam, loss=keras.losses.MeanSquaredError())
        model.fit(x=x, y=y, initial_epoch=done, epochs=done + epochs[stage], verbose=0)
        done += epochs[stage]
    return model
