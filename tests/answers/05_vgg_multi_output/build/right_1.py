"""Right answers: flat graphs on the base's own tensors, lists of named layers, losses as objects."""
# ruff: noqa: F821


# %% frozen-head
# points: 5
def age_model(base):
    for layer in base.layers:
        layer.trainable = False
    head = keras.Sequential([layers.Dense(16), layers.ReLU(), layers.Dense(1)])
    return keras.Model(base.inputs[0], head(base.outputs[0]))


# %% two-outputs
# points: 5
def two_outputs(size):
    row = keras.Input((size,))
    label = layers.Dense(1, activation="sigmoid", name="label")(layers.Dense(16, activation="relu")(row))
    age = layers.Dense(1, name="age")(layers.Dense(16, activation="relu")(row))
    return keras.Model(row, [label, age])


# %% compile-by-name
# points: 5
def compiled(model):
    losses = {"label": keras.losses.BinaryCrossentropy(), "age": keras.losses.MeanSquaredError()}
    metrics = {"label": [keras.metrics.BinaryAccuracy()], "age": [keras.metrics.MeanAbsoluteError(name="years")]}
    model.compile(keras.optimizers.Adam(learning_rate=1e-2), loss=losses, metrics=metrics)
    return model


# %% shared-trunk
# points: 6
def with_trunk(base, units):
    base.trainable = False
    trunk = layers.Dense(units, activation="relu")(base.outputs[0])
    heads = [layers.Dense(1, activation="sigmoid", name="label")(trunk), layers.Dense(1, name="age")(trunk)]
    return keras.Model(base.inputs[0], heads)


# %% loss-scales
# points: 6
def baseline_weights(ages, labels):
    ages, labels = np.asarray(ages, "float64"), np.asarray(labels, "float64")
    p = labels.mean()
    log_loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    return {"age": 1 / np.mean((ages - ages.mean()) ** 2), "label": 1 / log_loss}


def in_years(model, mean, spread):
    entry = keras.Input(model.input_shape[1:])
    said = model(entry)
    return keras.Model(entry, {"label": said["label"], "age": said["age"] * spread + mean})


# %% third-output
# points: 5
def with_group(model, classes):
    trunk = model.get_layer("trunk")
    inner = keras.Model(model.inputs[0], {"code": trunk.output, **model.output})
    entry = keras.Input(model.input_shape[1:])
    found = inner(entry)
    group = keras.ops.softmax(layers.Dense(classes)(found["code"]))
    extended = keras.Model(entry, {"group": group, "age": found["age"], "label": found["label"]})
    extended.compile(
        "sgd",
        loss={
            "group": keras.losses.SparseCategoricalCrossentropy(),
            "label": keras.losses.BinaryCrossentropy(),
            "age": keras.losses.MeanSquaredError(),
        },
    )
    return extended


# %% three-heads
# points: 6
body = keras.Sequential(
    [
        keras.Input((16, 16, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(10, 3, activation="relu"),
    ]
)
picture = keras.Input((16, 16, 3))
maps = body(picture)
mean, peak = keras.ops.mean(maps, axis=(1, 2)), keras.ops.max(maps, axis=(1, 2))
both = layers.Dense(12, activation="relu")(keras.ops.concatenate([peak, mean], axis=-1))
portrait_net = keras.Model(
    picture,
    {
        "group": layers.Softmax()(layers.Dense(4)(both)),
        "label": keras.ops.sigmoid(layers.Dense(1)(mean)),
        "age": layers.Dense(1)(both),
    },
)
