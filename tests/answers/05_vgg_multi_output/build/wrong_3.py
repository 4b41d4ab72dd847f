"""Wrong answers: only the last layer frozen, outputs without names, losses exchanged, pixels on another scale."""
# ruff: noqa: F821


# %% frozen-head
# points: 2
# says: asked for 161 trainable parameters; found 569
# says: ✗ 0/1  through `fit`, nothing in it changes, and the head learns: not so
def age_model(base):
    base.layers[-1].trainable = False
    image = keras.Input((16, 16, 3))
    hidden = layers.Dense(16, activation="relu")(base(image))
    return keras.Model(image, layers.Dense(1)(hidden))


# %% two-outputs
# points: 1
# says: asked for 2 outputs of shape 'age' (None, 1), 'label' (None, 1); found
# says: ✗ 0/1  no weight is trained by both outputs: not so
def two_outputs(size):
    features = keras.Input((size,))
    age = layers.Dense(1)(layers.Dense(16, activation="relu")(features))
    label = layers.Dense(1, activation="sigmoid")(layers.Dense(16, activation="relu")(features))
    return keras.Model(features, [age, label])


# %% compile-by-name
# points: 1
# says: asked for output 'age' to have the loss mean_squared_error; found binary_crossentropy
# says: ✗ 0/1  a list of outputs, `label` first: not so
def compiled(model):
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"age": "binary_crossentropy", "label": "mean_squared_error"},
        metrics={"age": ["accuracy"], "label": ["mean_absolute_error"]},
    )
    return model


# %% shared-trunk
# points: 4
# says: asked for 178 trainable parameters; found 586
# says: ✗ 0/1  through `fit`, nothing in another base changes: not so
def with_trunk(base, units):
    image = keras.Input((16, 16, 3))
    trunk = layers.Dense(units, activation="relu")(base(image))
    heads = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    return keras.Model(image, heads)


# %% loss-scales
# points: 2
# says: `baseline_weights` of four people: asked for 1.44270 for 'label'; found 1.00000
# says: ✗ 0/1  `in_years`: `age` in years, `label` as it was: not so
def baseline_weights(ages, labels):
    share = np.mean(labels)
    return {"age": 1 / np.var(ages), "label": -1 / (share * np.log2(share) + (1 - share) * np.log2(1 - share))}


def in_years(model, mean, spread):
    years = layers.Dense(1)(model.output["age"])
    return keras.Model(model.input, {"age": years, "label": model.output["label"]})


# %% third-output
# points: 3
# says: ✗ 0/1  `group` is a dense layer with softmax on the trunk's output: not so
# says: ✗ 0/1  compiled with the three losses: not so
def with_group(model, classes):
    group = layers.Dense(classes, activation="sigmoid", name="group")(model.get_layer("trunk").output)
    extended = keras.Model(model.input, {**model.output, "group": group})
    extended.compile("adam", loss={"age": "mse", "label": "binary_crossentropy", "group": "categorical_crossentropy"})
    return extended


# %% three-heads
# points: 3
# says: ✗ 0/1  `age` without an activation, `label` with sigmoid, `group` with softmax: not so
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((16, 16, 3))
maps = layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 128)(image))
maps = layers.Conv2D(10, 3, activation="relu")(layers.MaxPooling2D(2)(maps))
average = layers.GlobalAveragePooling2D()(maps)
both = layers.Concatenate()([average, layers.GlobalMaxPooling2D()(maps)])
hidden = layers.Dense(12, activation="relu")(both)
portrait_net = keras.Model(
    image,
    {
        "age": layers.Dense(1, activation="softplus")(hidden),
        "label": layers.Dense(1, activation="sigmoid")(average),
        "group": layers.Dense(4, activation="softmax")(hidden),
    },
)
