"""Right answers: the backbone called on a new input, dicts, operations in place of layers."""
# ruff: noqa: F821


# %% no-model
# points: 4
def age_and_gender(vgg, units):
    image = keras.Input(vgg.input_shape[1:])
    flat = layers.Flatten()(vgg(image))
    vgg.trainable = False

    def branch(activation):
        dense = [layers.Dense(units, activation="relu") for _ in range(2)]
        return keras.Sequential([*dense, layers.Dense(1, activation=activation)])(flat)

    whole = keras.Model(image, {"Gender": branch("sigmoid"), "Age": branch(None)})
    whole.compile("sgd", {"Gender": keras.losses.BinaryCrossentropy(), "Age": keras.losses.MeanSquaredError()})
    return whole


# %% wrong-keys
# points: 5
def compiled(model, age, label):
    losses = {label: keras.losses.BinaryCrossentropy(), age: keras.losses.MeanSquaredError()}
    model.compile(optimizer=keras.optimizers.SGD(1e-4), loss=losses)
    return model


def targets(age, label, ages, labels):
    return {label: np.asarray(labels).reshape(-1, 1), age: np.asarray(ages).reshape(-1, 1)}


# %% swapped-heads
# points: 5
def heads(size):
    row = keras.Input((size,))
    trunk = keras.Sequential([layers.Dense(16), layers.ReLU()])(row)
    label = keras.ops.sigmoid(layers.Dense(1)(trunk))
    whole = keras.Model(row, {"label": label, "age": layers.Dense(1)(trunk)})
    whole.compile("adam", loss={"label": keras.losses.BinaryCrossentropy(), "age": keras.losses.MeanSquaredError()})
    return whole


# %% swapped-targets
# points: 5
def trained(model, x, ages, labels, epochs):
    known = {"age": ages, "label": labels}
    model.fit(x, [known[name] for name in checks.output_names(model)], epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 5
def tunable(base, units, age_weight):
    base.trainable = False
    trunk = keras.Sequential([layers.Flatten(), layers.Dense(units, activation="relu")])(base.outputs[0])
    age = layers.Dense(1, name="age")(trunk)
    label = layers.Dense(1, activation="sigmoid", name="label")(trunk)
    whole = keras.Model(base.inputs[0], [label, age])
    whole.compile(
        "sgd", loss={"age": "mse", "label": "binary_crossentropy"}, loss_weights={"label": 1, "age": age_weight}
    )
    return whole


# %% one-channel
# points: 5
def for_grey(base):
    height, width = base.input_shape[1:3]
    grey = keras.Input((height, width, 1))
    return keras.Model(grey, base(keras.ops.repeat(grey, 3, axis=-1)))
