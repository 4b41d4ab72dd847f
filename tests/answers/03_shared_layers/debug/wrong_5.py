"""Wrong answers: a ReLU forgotten, names from 1, the Dropout left out, a wrong axis, one input, lost statistics."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 3
# says: ✗ 0/1  the first output is a function of `a`, the second one of `b`, as asked: not so: an activation differs
def two_branches(size):
    a, b = keras.Input((size,), name="a"), keras.Input((size,), name="b")
    shared_layer = layers.Dense(64)
    branch_a = layers.Dense(32, activation="relu")(shared_layer(a))
    branch_b = layers.Dense(32, activation="softmax")(shared_layer(b))
    return keras.Model(inputs=[a, b], outputs=[branch_a, branch_b])


# %% the-loop
# points: 0
# says: asked for 3 inputs of shape 'sensor_0' (None, 4), 'sensor_1' (None, 4), 'sensor_2' (None, 4); found 'sensor_1'
# says: `deep_stack(3, 8)`: (None, 8) in and out, 216 parameters: asked for 216 parameters; found 72
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number + 1}") for number in range(sensors)]
    encoder = layers.Dense(units, activation="relu")
    return keras.Model(inputs, layers.Average()([encoder(signal) for signal in inputs]))


def deep_stack(depth, units):
    entry = keras.Input((units,))
    for _ in range(depth):
        x = layers.Dense(units, activation="tanh")(entry)
    return keras.Model(entry, x)


# %% called-again
# points: 4
# says: ✗ 0/1  in training, BatchNormalization sees the batch once, and Dropout drops: not so: what it drops in training
def with_code(encoder, head):
    # The output before the Dropout is the same in training.
    code = encoder.layers[-2].output
    return keras.Model(encoder.inputs[0], {"answer": head(code), "code": code})


# %% units-changed
# points: 0
# says: `restore`: saved and loaded, the model predicts what it did: asked for a model that can be saved and loaded
# says: ✗ 0/1  `widen(model, "hidden", 12)`: (None, 10) out, 910 parameters: ValueError
def restore(model):
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.units = layer.kernel.shape[0]


def widen(model, name, units):
    config = model.get_config()
    for entry in config["layers"]:
        if entry["config"]["name"] == name:
            entry["config"]["units"] = units
    return type(model).from_config(config)


# %% two-nested-models
# points: 0
# says: `join`: twice (None, 64) in, (None, 10) and (None, 1) out, 1,227 parameters: asked for 2 inputs
def join(first, second):
    (pixels,) = first.inputs
    return keras.Model(pixels, [first.outputs[0], second.call(pixels)])


def carve(joined):
    return (
        keras.Model(joined.inputs[0], joined.outputs[0]),
        keras.Model(joined.inputs[-1], joined.outputs[-1]),
    )


# %% source-got-worse
# points: 4
# says: ✗ 0/1  it begins with the features of another source: not so
def adapt(source, classes):
    twin = keras.models.clone_model(source)
    for new, old in zip(twin.trainable_weights, source.trainable_weights, strict=True):
        new.assign(old)
    head = layers.Dense(classes, activation="softmax")
    return keras.Model(twin.inputs[0], head(twin.layers[-2].output))
