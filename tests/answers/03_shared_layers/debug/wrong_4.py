"""Wrong answers: outputs exchanged, a sum for a mean, keys swapped, settings lost, two inputs kept, heads stacked."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 3
# says: ✗ 0/1  the first output is a function of `a`, the second one of `b`, as asked: not so
def two_branches(size):
    a, b = keras.Input((size,), name="a"), keras.Input((size,), name="b")
    shared_layer = layers.Dense(64, activation="relu")
    branch_a = layers.Dense(32, activation="relu")(shared_layer(a))
    branch_b = layers.Dense(32, activation="softmax")(shared_layer(b))
    return keras.Model(inputs=[a, b], outputs=[branch_b, branch_a])


# %% the-loop
# points: 1
# says: ✗ 0/1  `one_encoder` with other numbers: each sensor goes through the one layer: not so
# says: `deep_stack(3, 8)`: (None, 8) in and out, 216 parameters: asked for 216 parameters; found 288
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    encoder = layers.Dense(units, activation="relu")
    return keras.Model(inputs, layers.Add()([encoder(signal) for signal in inputs]))


def deep_stack(depth, units):
    entry = keras.Input((units,))
    x = layers.Dense(units, activation="tanh")(entry)
    for _ in range(depth):
        x = layers.Dense(units, activation="tanh")(x)
    return keras.Model(entry, x)


# %% called-again
# points: 1
# says: asked for 2 outputs of shape 'answer' (None, 10), 'code' (None, 32); found
# says: ✗ 0/1  in training, the answer belongs to the code
def with_code(encoder, head):
    image = keras.Input((8, 8, 1))
    code = encoder(image)
    return keras.Model(image, {"code": head(code), "answer": code})


# %% units-changed
# points: 2
# says: ✗ 0/1  `restore` with several layers, one of them shared; no weight changes: AttributeError
# says: ✗ 0/1  `widen` a shared layer: it is shared in the new model too: not so
def restore(model):
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.units = layer.bias.shape[0]


def widen(model, name, units):
    def remade(layer):
        if layer.name == name:
            return layers.Dense(units, name=name)
        return type(layer).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=remade)


# %% two-nested-models
# points: 4
# says: ✗ 0/1  `carve` takes the towers out of a loaded model, with their shared weights
def join(first, second):
    return keras.Model(first.inputs + second.inputs, first.outputs + second.outputs)


def carve(joined):
    return keras.Model(joined.inputs, joined.outputs[0]), keras.Model(joined.inputs, joined.outputs[1])


# %% source-got-worse
# points: 0
# says: asked for 1,074 parameters; found 1,232
# says: ✗ 0/1  it begins with the features of another source: not so
def adapt(source, classes):
    twin = keras.models.clone_model(source)
    twin.set_weights(source.get_weights())
    head = layers.Dense(classes, activation="softmax")
    return keras.Model(twin.inputs[0], head(twin.layers[-1].output))
