"""Wrong answers: copies of the base, an age of one year, keys of variables, a trunk that is frozen too."""
# ruff: noqa: F821


# %% frozen-head
# points: 2
# says: ✗ 0/1  another base: it is the base itself, and frozen: not so
# says: ✗ 0/1  the function that was asked for: not so
def age_model(base):
    copy = keras.Sequential([keras.models.clone_model(base)])
    copy.trainable = False
    image = keras.Input((16, 16, 3))
    hidden = layers.Dense(16, activation="relu")(copy(image))
    return keras.Model(image, layers.Dense(1)(hidden))


# %% two-outputs
# points: 3
# says: ✗ 0/1  with another size, `age` ends without an activation, `label` with sigmoid: not so
# says: ✗ 0/1  the function that was asked for: not so
def two_outputs(size):
    features = keras.Input((size,))
    outputs = {}
    for name in ("age", "label"):
        hidden = layers.Dense(16, activation="relu")(features)
        outputs[name] = layers.Dense(1, activation="sigmoid", name=name)(hidden)
    return keras.Model(features, outputs)


# %% compile-by-name
# points: 2
# says: `evaluate` reports the mean absolute error of `age` and the accuracy of `label`: asked for mean_absolute_error
# says: ✗ 0/1  a dict of outputs whose layers have other names: not so
def compiled(model):
    model.compile(
        optimizer="adam",
        loss={"age": "mse", "label": "binary_crossentropy"},
    )
    model.optimizer.learning_rate = 0.01
    return model


# %% shared-trunk
# points: 2
# says: asked for 178 trainable parameters; found 34
# says: ✗ 0/2  with another base, both outputs train the trunk: not so
def with_trunk(base, units):
    image = keras.Input((16, 16, 3))
    body = keras.Sequential([base, layers.Dense(units, activation="relu")])
    body.trainable = False
    code = body(image)
    heads = {"age": layers.Dense(1)(code), "label": layers.Dense(1, activation="sigmoid")(code)}
    return keras.Model(image, heads)


# %% loss-scales
# points: 4
# says: ✗ 0/1  `baseline_weights` of others: `label`: not so
# says: ✗ 0/1  `in_years`: the model's own weights and no others; it survives saving: not so
def baseline_weights(ages, labels):
    return {"age": 1 / np.var(ages), "label": 1 / np.log(2)}


def in_years(model, mean, spread):
    years = layers.Lambda(lambda standard: standard * spread + mean, output_shape=(1,))(model.output["age"])
    return keras.Model(model.input, {"age": years, "label": model.output["label"]})


# %% third-output
# points: 2
# says: the two old answers are what they were, and so is the given model: asked for the same
# says: ✗ 0/1  another model: its own weights, and the trunk computes once: not so
def with_group(model, classes):
    copy = keras.models.clone_model(model)
    group = layers.Dense(classes, activation="softmax", name="group")(copy.get_layer("trunk").output)
    extended = keras.Model(copy.input, {**copy.output, "group": group})
    extended.compile(
        "adam", loss={"age": "mse", "label": "binary_crossentropy", "group": "sparse_categorical_crossentropy"}
    )
    return extended


# %% three-heads
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((16, 16, 3))
maps = layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(image))
maps = layers.Conv2D(10, 3, activation="relu")(layers.MaxPooling2D(2)(maps))
average = layers.GlobalAveragePooling2D()(maps)
again = layers.GlobalAveragePooling2D()(maps)
hidden = layers.Dense(12, activation="relu")(layers.Concatenate()([average, again]))
portrait_net = keras.Model(
    image,
    {
        "age": layers.Dense(1)(hidden),
        "label": layers.Dense(1, activation="sigmoid")(average),
        "group": layers.Dense(4, activation="softmax")(hidden),
    },
)
