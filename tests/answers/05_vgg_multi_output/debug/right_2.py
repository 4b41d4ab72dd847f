"""Right answers: lists of outputs in Keras's own order, models in models, a step by hand."""
# ruff: noqa: F821


# %% no-model
# points: 4
def age_and_gender(vgg, units):
    for layer in vgg.layers:
        layer.trainable = False
    flatten = layers.Flatten()(vgg.outputs[0])
    code = dict.fromkeys(("Gender", "Age"), flatten)
    for _ in range(2):
        code = {name: layers.Dense(units, activation="relu")(tensor) for name, tensor in code.items()}
    gender = layers.Activation("sigmoid", name="Gender")(layers.Dense(1)(code["Gender"]))
    whole = keras.Model(vgg.inputs[0], [gender, layers.Dense(1, name="Age")(code["Age"])])
    whole.compile("adam", loss=["binary_crossentropy", "mse"])
    return whole


# %% wrong-keys
# points: 5
def compiled(model, age, label):
    losses = {age: "mean_squared_error", label: "binary_crossentropy"}
    model.compile("sgd", [losses[name] for name in checks.output_names(model)])
    return model


def targets(age, label, ages, labels):
    found = {}
    found[label], found[age] = labels, ages
    return found


# %% swapped-heads
# points: 5
def heads(size):
    row = keras.Input((size,))
    code = layers.Dense(16, activation="relu")(row)
    age, chance = keras.Sequential([layers.Dense(1)]), keras.Sequential([layers.Dense(1), layers.Activation("sigmoid")])
    whole = keras.Model(row, {"age": age(code), "label": chance(code)})
    whole.compile("sgd", loss=["mean_squared_error", "binary_crossentropy"])
    return whole


# %% swapped-targets
# points: 5
def trained(model, x, ages, labels, epochs):
    for _ in range(epochs):
        model.fit(x, {"label": np.reshape(labels, (-1, 1)), "age": np.reshape(ages, (-1, 1))}, verbose=0)
    return model


# %% idle-weights
# points: 5
def tunable(base, units, age_weight):
    body = keras.Sequential([base, layers.Flatten(), layers.Dense(units), layers.ReLU()])
    for layer in base.layers:
        layer.trainable = False
    image = keras.Input(base.input_shape[1:])
    code = body(image)
    chance = layers.Activation("sigmoid")(layers.Dense(1)(code))
    whole = keras.Model(image, {"label": chance, "age": layers.Dense(1)(code)})
    # A list goes by the sorted keys: age, label.
    whole.compile("adam", loss=["mse", "binary_crossentropy"], loss_weights=[age_weight, 1.0])
    return whole


# %% one-channel
# points: 5
def for_grey(base):
    grey = keras.Input((*base.input_shape[1:3], 1), name="one_channel")
    colour = grey * np.ones((1, 1, 1, 3), "float32")
    return keras.Model(grey, keras.Sequential([base])(colour))
