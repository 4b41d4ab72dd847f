"""Wrong answers: two layers in place of one, the published loops, two calls, clones without weights."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 1
# says: asked for 5,504 parameters; found 6,848
# says: ✗ 0/1  with another size, one layer called on `a` and on `b`: not so
def two_branches(size):
    a, b = keras.Input((size,), name="a"), keras.Input((size,), name="b")
    branch_a = layers.Dense(32, activation="relu")(layers.Dense(64, activation="relu")(a))
    branch_b = layers.Dense(32, activation="softmax")(layers.Dense(64, activation="relu")(b))
    return keras.Model([a, b], [branch_a, branch_b])


# %% the-loop
# points: 0
# says: asked for 40 parameters; found 120
# says: asked for 216 parameters; found 72
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    encoders = [layers.Dense(units, activation="relu") for _ in inputs]
    return keras.Model(inputs, layers.Average()([encode(x) for encode, x in zip(encoders, inputs, strict=True)]))


def deep_stack(depth, units):
    layer = layers.Dense(units, activation="tanh")
    entry = x = keras.Input((units,))
    for _ in range(depth):
        x = layer(x)
    return keras.Model(entry, x)


# %% called-again
# points: 1
# says: ✗ 0/1  in training, the answer belongs to the code: asked for the head's answer to the code; found a largest
# says: ✗ 0/1  another encoder computes once for each batch; no weights but theirs: not so
def with_code(encoder, head):
    image = keras.Input((8, 8, 1))
    answer, code = head(encoder(image, training=False)), encoder(image, training=False)
    return keras.Model(image, {"answer": answer, "code": code})


# %% units-changed
# points: 4
# says: ✗ 0/1  `widen` leaves the old model as it was: not so
def restore(model):
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.units = layer.kernel.shape[1]


def widen(model, name, units):
    model.get_layer(name).units = units
    return keras.models.clone_model(model)


# %% two-nested-models
# points: 1
# says: asked for 1,227 parameters; found 2,267
# says: ✗ 0/1  other towers, joined: their own weights and answers: not so
def join(first, second):
    first, second = keras.models.clone_model(first), keras.models.clone_model(second)
    for layer in (*first.layers, *second.layers):
        layer.name = f"{layer.name}_{id(layer)}"
    return keras.Model(first.inputs + second.inputs, first.outputs + second.outputs)


def carve(joined):
    return (
        keras.Model(joined.inputs[0], joined.outputs[0]),
        keras.Model(joined.inputs[1], joined.outputs[1]),
    )


# %% source-got-worse
# points: 4
# says: ✗ 0/1  it begins with the features of another source: not so
def adapt(source, classes):
    twin = keras.models.clone_model(source)
    return keras.Model(twin.inputs[0], layers.Dense(classes, activation="softmax")(twin.layers[-2].output))
