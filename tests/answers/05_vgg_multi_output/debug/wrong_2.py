"""Wrong answers: keys of variables, names exchanged, losses exchanged alone, weights exchanged, black channels."""
# ruff: noqa: F821


# %% no-model
# points: 2
# says: ✗ 0/1  mean squared error for `Age`, binary cross-entropy for `Gender`: asked for output 'Age' to have
# says: ✗ 0/1  through `fit`, nothing in another backbone changes
def age_and_gender(vgg, units):
    vgg.trainable = False
    flatten = layers.Flatten()(vgg.layers[-1].output)
    code1 = layers.Dense(units, activation="relu")(layers.Dense(units, activation="relu")(flatten))
    code2 = layers.Dense(units, activation="relu")(layers.Dense(units, activation="relu")(flatten))
    output1 = layers.Dense(1, name="Age")(code1)
    output2 = layers.Dense(1, activation="sigmoid", name="Gender")(code2)
    whole = keras.Model(vgg.inputs[0], [output1, output2])
    whole.compile(optimizer="adam", loss={"output1": "mse", "output2": "binary_crossentropy"})
    return whole


# %% wrong-keys
# points: 2
# says: asked for output 'age' to have the loss mse; found binary_crossentropy
# says: `targets`: the ages and the labels, by name: asked for a dict; found a list
def compiled(model, age, label):
    first, second = checks.output_names(model)
    model.compile(optimizer="adam", loss={second: "mse", first: "binary_crossentropy"})
    return model


def targets(age, label, ages, labels):
    return [ages, labels]


# %% swapped-heads
# points: 2
# says: ✗ 0/1  `age` ends without an activation: asked for linear at the end of output 'age'; found sigmoid
# says: ✗ 0/1  with another size, `label` ends with sigmoid: not so
def heads(size):
    features = keras.Input((size,))
    trunk = layers.Dense(16, activation="relu")(features)
    outputs = {"age": layers.Dense(1, activation="sigmoid")(trunk), "label": layers.Dense(1)(trunk)}
    repaired = keras.Model(features, outputs)
    repaired.compile(optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"})
    return repaired


# %% swapped-targets
# points: 0
# says: asked for a mean age above 15; found
# says: ✗ 0/1  dicts of outputs, in either order: not so
def trained(model, x, ages, labels, epochs):
    model.fit(x, {"age": labels, "label": ages}, epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 3
# says: asked for output 'age' to have the loss mse times 0.5; found that loss times 1
# says: ✗ 0/1  with another base and another weight, both losses train the trunk: not so
def tunable(base, units, age_weight):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    trunk = layers.Dense(units, activation="relu")(layers.Flatten()(base(image)))
    outputs = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    repaired = keras.Model(image, outputs)
    repaired.compile(
        optimizer="adam",
        loss={"age": "mse", "label": "binary_crossentropy"},
        loss_weights={"age": 1.0, "label": age_weight},
    )
    return repaired


# %% one-channel
# points: 4
# says: ✗ 0/1  what the base gives for three equal channels: not so
def for_grey(base):
    grey = keras.Input((*base.input_shape[1:3], 1))
    return keras.Model(grey, base(layers.Concatenate()([grey, grey * 0, grey * 0])))
