"""Wrong answers: nothing frozen, layers shared by accident, lists in the wrong order, a copy in place of a layer."""
# ruff: noqa: F821


# %% frozen-head
# points: 2
# says: asked for 161 trainable parameters; found 569
# says: ✗ 0/1  through `fit`, nothing in it changes, and the head learns: not so
def age_model(base):
    image = keras.Input((16, 16, 3))
    hidden = layers.Dense(16, activation="relu")(base(image, training=False))
    return keras.Model(image, layers.Dense(1)(hidden))


# %% two-outputs
# points: 2
# says: asked for 450 parameters; found 242
# says: ✗ 0/1  no weight is trained by both outputs: not so
def two_outputs(size):
    features = keras.Input((size,))
    hidden = layers.Dense(16, activation="relu")(features)
    outputs = {"age": layers.Dense(1)(hidden), "label": layers.Dense(1, activation="sigmoid")(hidden)}
    return keras.Model(features, outputs)


# %% compile-by-name
# points: 4
# says: ✗ 0/1  a list of outputs, `label` first: not so
def compiled(model):
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss=["mean_squared_error", "binary_crossentropy"],
        metrics=[["mean_absolute_error"], ["accuracy"]],
    )
    return model


# %% shared-trunk
# points: 2
# says: asked for 586 parameters; found 730
# says: ✗ 0/2  with another base, both outputs train the trunk: not so
def with_trunk(base, units):
    base.trainable = False
    image = keras.Input((16, 16, 3))
    features = base(image)
    age = layers.Dense(1)(layers.Dense(units, activation="relu")(features))
    label = layers.Dense(1, activation="sigmoid")(layers.Dense(units, activation="relu")(features))
    return keras.Model(image, {"age": age, "label": label})


# %% loss-scales
# points: 3
# says: `baseline_weights` of four people: asked for 0.00800 for 'age'; found 0.08944
# says: ✗ 0/1  `in_years`: `age` in years, `label` as it was: not so
def baseline_weights(ages, labels):
    share = np.mean(labels)
    return {"age": 1 / np.std(ages), "label": -1 / (share * np.log(share) + (1 - share) * np.log(1 - share))}


def in_years(model, mean, spread):
    years = layers.Rescaling(spread, offset=mean)
    return keras.Model(model.input, {name: years(output) for name, output in model.output.items()})


# %% third-output
# points: 3
# says: ✗ 0/1  another model: its own weights, and the trunk computes once: not so
def with_group(model, classes):
    entry = keras.Input(model.input_shape[1:])
    said = model(entry)
    code = keras.Model(model.input, model.get_layer("trunk").output)(entry)
    group = layers.Dense(classes, activation="softmax")(code)
    extended = keras.Model(entry, {"age": said["age"], "label": said["label"], "group": group})
    extended.compile("adam", loss={"age": "mse", "label": "binary_crossentropy", "group": "categorical_crossentropy"})
    return extended


# %% three-heads
# points: 2
# says: asked for 1,046 parameters; found 1,048
# says: ✗ 0/1  `age` and `group` train the dense layer before them, `label` does not: not so
image = keras.Input((16, 16, 3))
maps = layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(image))
maps = layers.Conv2D(10, 3, activation="relu")(layers.MaxPooling2D(2)(maps))
both = [layers.GlobalAveragePooling2D()(maps), layers.GlobalMaxPooling2D()(maps)]
hidden = layers.Dense(12, activation="relu")(layers.Concatenate()(both))
portrait_net = keras.Model(
    image,
    {
        "age": layers.Dense(1)(hidden),
        "label": layers.Dense(1, activation="sigmoid")(hidden),
        "group": layers.Dense(4, activation="softmax")(hidden),
    },
)
