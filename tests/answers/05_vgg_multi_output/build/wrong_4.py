"""Wrong answers: variables frozen and no layer, no ReLU, metrics in a flat list, one head past the trunk."""
# ruff: noqa: F821


# %% frozen-head
# points: 4
# says: ✗ 0/1  through `fit`, nothing in it changes, and the head learns: not so
def age_model(base):
    for weight in base.weights:
        weight.trainable = False
    image = keras.Input((16, 16, 3))
    hidden = layers.Dense(16, activation="relu")(base(image))
    return keras.Model(image, layers.Dense(1)(hidden))


# %% two-outputs
# points: 4
# says: ✗ 0/1  the function that was asked for: not so
def two_outputs(size):
    features = keras.Input((size,))
    age = layers.Dense(1, name="age")(layers.Dense(16)(features))
    label = layers.Dense(1, activation="sigmoid", name="label")(layers.Dense(16)(features))
    return keras.Model(features, {"age": age, "label": label})


# %% compile-by-name
# points: 4
# says: ✗ 0/1  a list of outputs, `label` first: not so
def compiled(model):
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"age": "mean_squared_error", "label": "binary_crossentropy"},
        metrics=["mean_absolute_error", "accuracy"],
    )
    return model


# %% shared-trunk
# points: 2
# says: asked for 586 parameters; found 578
def with_trunk(base, units):
    base.trainable = False
    image = keras.Input((16, 16, 3))
    features = base(image)
    trunk = layers.Dense(units, activation="relu")(features)
    age = layers.Dense(1, name="age")(trunk)
    label = layers.Dense(1, activation="sigmoid", name="label")(features)
    return keras.Model(image, [age, label])


# %% loss-scales
# points: 3
# says: `baseline_weights` of four people: asked for 1.44270 for 'label'; found 2.88539
# says: ✗ 0/1  `in_years`: `age` in years, `label` as it was: not so: numbers are scaled otherwise
def baseline_weights(ages, labels):
    share = np.mean(labels)
    return {"age": 1 / np.var(ages), "label": 1 / (-share * np.log(share))}


def in_years(model, mean, spread):
    years = (model.output["age"] + mean) * spread
    return keras.Model(model.input, {"age": years, "label": model.output["label"]})


# %% third-output
# points: 4
# says: the two old answers are what they were, and so is the given model: asked for
# says: as it was; found a different `trainable` at
def with_group(model, classes):
    model.trainable = False
    group = layers.Dense(classes, activation="softmax", name="group")(model.get_layer("trunk").output)
    extended = keras.Model(model.input, {**model.output, "group": group})
    extended.compile(
        optimizer="adam",
        loss={"age": "mse", "label": "binary_crossentropy", "group": "sparse_categorical_crossentropy"},
    )
    return extended


# %% three-heads
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((16, 16, 3))
maps = layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(image))
maps = layers.Conv2D(10, 3, activation="relu")(layers.MaxPooling2D(2)(maps))
average = layers.GlobalAveragePooling2D()(maps)
largest = layers.GlobalMaxPooling2D()(maps)
hidden = layers.Dense(12, activation="relu")(layers.Concatenate()([average, largest]))
portrait_net = keras.Model(
    image,
    {
        "age": layers.Dense(1)(hidden),
        "label": layers.Dense(1, activation="sigmoid")(largest),
        "group": layers.Dense(4, activation="softmax")(hidden),
    },
)
