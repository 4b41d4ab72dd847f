"""Wrong answers: squared error for yes-or-no, nothing returned, sigmoid twice, a line printed, a fixed weight."""
# ruff: noqa: F821


# %% no-model
# points: 3
# says: asked for output 'Gender' to have the loss binary_crossentropy; found mean_squared_error
def age_and_gender(vgg, units):
    vgg.trainable = False
    flatten = layers.Flatten()(vgg.layers[-1].output)
    outputs = {}
    for name, activation in (("Age", "linear"), ("Gender", "sigmoid")):
        x = layers.Dense(units, activation="relu")(flatten)
        x = layers.Dense(units, activation="relu")(x)
        outputs[name] = layers.Dense(1, activation=activation, name=name)(x)
    whole = keras.Model(vgg.inputs[0], outputs)
    whole.compile(optimizer="adam", loss="mse", metrics={"Gender": "accuracy"})
    return whole


# %% wrong-keys
# points: 2
# says: `compiled`: mean squared error for `age`, binary cross-entropy for `label`: asked for a keras.Model
def compiled(model, age, label):
    model.compile(optimizer="adam", loss={age: "mse", label: "binary_crossentropy"})


def targets(age, label, ages, labels):
    return {age: ages, label: labels}


# %% swapped-heads
# points: 4
# says: ✗ 0/1  each output has the loss that fits it: not so
def heads(size):
    features = keras.Input((size,))
    trunk = layers.Dense(16, activation="relu")(features)
    outputs = {
        "age": layers.Dense(1, name="age")(trunk),
        "label": layers.Dense(1, activation="sigmoid", name="label")(trunk),
    }
    repaired = keras.Model(features, outputs)
    repaired.compile(
        optimizer="adam",
        loss={"age": "mse", "label": keras.losses.BinaryCrossentropy(from_logits=True)},
    )
    return repaired


# %% swapped-targets
# points: 4
# says: ✗ 0/1  as many epochs as asked: not so: it prints something
def trained(model, x, ages, labels, epochs):
    model.fit(x, {"age": ages, "label": labels}, epochs=epochs, verbose=0)
    print("trained for", epochs, "epochs")
    return model


# %% idle-weights
# points: 4
# says: ✗ 0/1  with another base and another weight, both losses train the trunk: not so
def tunable(base, units, age_weight):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    trunk = layers.Dense(units, activation="relu")(layers.Flatten()(base(image)))
    outputs = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    repaired = keras.Model(image, outputs)
    repaired.compile(
        optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"}, loss_weights={"age": 0.5, "label": 1.0}
    )
    return repaired


# %% one-channel
# points: 4
# says: ✗ 0/1  what the base gives for three equal channels: not so
def for_grey(base):
    grey = keras.Input((*base.input_shape[1:3], 1))
    colour = layers.Concatenate()([grey, grey, grey]) / 3
    return keras.Model(grey, base(colour))
