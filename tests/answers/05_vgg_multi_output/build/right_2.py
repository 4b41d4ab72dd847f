"""Right answers: models inside models, lists in Keras's own order, computations in one layer."""
# ruff: noqa: F821


# %% frozen-head
# points: 5
def age_model(base):
    head = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
    image = keras.Input((16, 16, 3))
    model = keras.Model(image, head(keras.Sequential([base])(image)))
    base.trainable = False
    return model


# %% two-outputs
# points: 5
def two_outputs(size):
    def branch(activation=None):
        return keras.Sequential([layers.Dense(16), layers.ReLU(), layers.Dense(1), layers.Activation(activation)])

    features = keras.Input((size,))
    return keras.Model(features, {"label": branch("sigmoid")(features), "age": branch()(features)})


# %% compile-by-name
# points: 5
def compiled(model):
    losses = {"age": "mse", "label": "binary_crossentropy"}
    metrics = {"age": ["mae"], "label": ["accuracy"]}
    names = checks.output_names(model)
    model.compile(
        keras.optimizers.Adam(0.01), loss=[losses[name] for name in names], metrics=[metrics[name] for name in names]
    )
    return model


# %% shared-trunk
# points: 6
def with_trunk(base, units):
    body = keras.Sequential([base, layers.Dense(units), layers.Activation("relu")])
    base.trainable = False
    image = keras.Input((16, 16, 3))
    code = body(image)
    label = keras.ops.sigmoid(layers.Dense(1)(code))
    return keras.Model(image, {"label": label, "age": keras.Sequential([layers.Dense(1)])(code)})


# %% loss-scales
# points: 6
def baseline_weights(ages, labels):
    count, ones = len(labels), float(np.sum(labels))
    entropy = sum(-k / count * np.log(k / count) for k in (ones, count - ones))
    return {"age": 1 / np.std(ages) ** 2, "label": 1 / entropy}


def in_years(model, mean, spread):
    outputs = dict(model.output)
    outputs["age"] = layers.Normalization(mean=mean, variance=spread**2, invert=True)(outputs["age"])
    return keras.Model(model.inputs[0], outputs)


# %% third-output
# points: 5
def with_group(model, classes):
    head = keras.Sequential([layers.Dense(classes), layers.Softmax()])
    outputs = {"age": model.output["age"], "label": model.output["label"]}
    outputs["group"] = head(model.get_layer("trunk").output)
    extended = keras.Model(model.inputs, outputs)
    # A list of losses goes by the sorted keys: age, group, label.
    extended.compile("adam", loss=["mse", "sparse_categorical_crossentropy", "binary_crossentropy"])
    return extended


# %% three-heads
# points: 6
entry = x = keras.Input((16, 16, 3), name="portrait")
for layer in (layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(10, 3, activation="relu")):
    x = layer(x / 255 if x is entry else x)
average, largest = layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)
hidden = layers.Dense(12, activation="relu")(layers.concatenate([average, largest]))
portrait_net = keras.Model(
    entry,
    [
        layers.Dense(4, activation="softmax", name="group")(hidden),
        layers.Dense(1, name="age")(hidden),
        layers.Dense(1, activation="sigmoid", name="label")(average),
    ],
)
