"""Wrong answers: an age from 0 on, the numbers of the example, losses weighted, the layer at place 1, padding."""
# ruff: noqa: F821


# %% frozen-head
# points: 4
# says: ✗ 0/1  the function that was asked for: not so
def age_model(base):
    base.trainable = False
    image = keras.Input((16, 16, 3))
    hidden = layers.Dense(16, activation="relu")(base(image))
    return keras.Model(image, layers.Dense(1, activation="relu")(hidden))


# %% two-outputs
# points: 2
# says: ✗ 0/1  with another size, `age` ends without an activation, `label` with sigmoid: not so: a shape
# says: ✗ 0/1  the function that was asked for: not so: its weights differ in number or in shape
def two_outputs(size):
    features = keras.Input((12,))
    age = layers.Dense(1, name="age")(layers.Dense(16, activation="relu")(features))
    label = layers.Dense(1, activation="sigmoid", name="label")(layers.Dense(16, activation="relu")(features))
    return keras.Model(features, {"age": age, "label": label})


# %% compile-by-name
# points: 2
# says: asked for output 'age' to have the loss mean_squared_error; found that loss times 0.001
# says: ✗ 0/1  a list of outputs, `label` first: not so: the loss of an output, or its weight among the losses, differs
def compiled(model):
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"age": "mean_squared_error", "label": "binary_crossentropy"},
        loss_weights={"age": 0.001, "label": 1.0},
        metrics={"age": ["mean_absolute_error"], "label": ["accuracy"]},
    )
    return model


# %% shared-trunk
# points: 5
# says: ✗ 0/1  the function that was asked for: not so
def with_trunk(base, units):
    base.trainable = False
    image = keras.Input((16, 16, 3))
    trunk = layers.Dense(16, activation="relu")(base(image))
    outputs = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    return keras.Model(image, outputs)


# %% loss-scales
# points: 0
# says: `baseline_weights` of four people: asked for 0.00800 for 'age'; found 125.00000
# says: ✗ 0/1  `in_years`: `age` in years, `label` as it was: not so: a name or a key differs
def baseline_weights(ages, labels):
    share = np.mean(labels)
    cross_entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    return {"age": np.var(ages), "label": cross_entropy}


def in_years(model, mean, spread):
    years = layers.Rescaling(spread, offset=mean)(model.output["age"])
    return keras.Model(model.input, [years, model.output["label"]])


# %% third-output
# points: 3
# says: ✗ 0/1  `group` is a dense layer with softmax on the trunk's output: not so
def with_group(model, classes):
    group = layers.Dense(classes, activation="softmax", name="group")(model.layers[1].output)
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
maps = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.Rescaling(1 / 255)(image))
maps = layers.Conv2D(10, 3, padding="same", activation="relu")(layers.MaxPooling2D(2)(maps))
average = layers.GlobalAveragePooling2D()(maps)
hidden = layers.Concatenate()([average, layers.GlobalMaxPooling2D()(maps)])
hidden = layers.Dense(12, activation="relu")(hidden)
portrait_net = keras.Model(
    image,
    {
        "age": layers.Dense(1)(hidden),
        "label": layers.Dense(1, activation="sigmoid")(average),
        "group": layers.Dense(4, activation="softmax")(hidden),
    },
)
