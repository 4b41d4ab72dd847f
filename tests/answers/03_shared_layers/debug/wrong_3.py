"""Wrong answers: both branches of one input, a layer too linear, a training flag forced, sharing lost in a list."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 2
# says: ✗ 0/1  with another size, one layer called on `a` and on `b`: not so
def two_branches(size):
    a, b = keras.Input((size,), name="a"), keras.Input((size,), name="b")
    shared = layers.Dense(64, activation="relu")(a)
    return keras.Model([a, b], [layers.Dense(32, activation="relu")(shared), layers.Dense(32, "softmax")(shared)])


# %% the-loop
# points: 3
# says: ✗ 0/1  `deep_stack` with other numbers: as many layers, one after the other: not so
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    encoders = [layers.Dense(units, activation="relu")] * sensors
    return keras.Model(inputs, layers.average([encode(x) for encode, x in zip(encoders, inputs, strict=True)]))


def deep_stack(depth, units):
    return keras.Sequential([keras.Input((units,))] + [layers.Dense(units) for _ in range(depth)])


# %% called-again
# points: 4
# says: ✗ 0/1  in training, BatchNormalization sees the batch once, and Dropout drops: not so
def with_code(encoder, head):
    class Still(layers.Layer):
        def __init__(self):
            super().__init__()
            self.encoder = encoder

        def call(self, image):
            return self.encoder(image, training=False)

    image = keras.Input((8, 8, 1))
    code = Still()(image)
    return keras.Model(image, {"answer": head(code), "code": code})


# %% units-changed
# points: 3
# says: ✗ 0/1  `widen` a shared layer: it is shared in the new model too: ValueError
def restore(model):
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.units = layer.kernel.shape[1]


def widen(model, name, units):
    entry = x = keras.Input(model.inputs[0].shape[1:])
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            config = layer.get_config()
            x = type(layer).from_config({**config, "units": units} if layer.name == name else config)(x)
    return keras.Model(entry, x)


# %% two-nested-models
# points: 4
# says: ✗ 0/1  `carve` takes the towers out of a loaded model, with their shared weights: not so
def join(first, second):
    return keras.Model(first.inputs + second.inputs, first.outputs + second.outputs)


def carve(joined):
    towers = [keras.Model(joined.inputs[place], joined.outputs[place]) for place in range(2)]
    copies = [keras.models.clone_model(tower) for tower in towers]
    for tower, copy in zip(towers, copies, strict=True):
        copy.set_weights(tower.get_weights())
    return tuple(copies)


# %% source-got-worse
# points: 3
# says: asked for models without a weight in common; found 2 that both have
# says: ✗ 0/1  all of it learns, and `source` does not notice: not so
def adapt(source, classes):
    body = keras.Model(source.inputs[0], source.layers[-2].output)
    image = keras.Input(source.input_shape[1:])
    return keras.Model(image, layers.Dense(classes, activation="softmax")(body(image)))
