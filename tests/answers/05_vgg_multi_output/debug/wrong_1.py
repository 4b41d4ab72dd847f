"""Wrong answers: half of the branches, keys of the example alone, a list that fits one model, a learned colour."""
# ruff: noqa: F821


# %% no-model
# points: 1
# says: asked for 2 outputs of shape 'Age' (None, 1), 'Gender' (None, 1); found 'Age' (None, 1)
# says: ✗ 0/1  mean squared error for `Age`, binary cross-entropy for `Gender`: asked for
def age_and_gender(vgg, units):
    vgg.trainable = False
    flatten = layers.Flatten()(vgg.layers[-1].output)
    x = layers.Dense(units, activation="relu")(layers.Dense(units, activation="relu")(flatten))
    whole = keras.Model(vgg.inputs[0], layers.Dense(1, name="Age")(x))
    whole.compile(optimizer="adam", loss="mse")
    return whole


# %% wrong-keys
# points: 2
# says: ✗ 0/1  a dict of outputs, other names: not so
# says: ✗ 0/1  `targets` under other names: not so
def compiled(model, age, label):
    model.compile(optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"})
    return model


def targets(age, label, ages, labels):
    return {"age": ages, "label": labels}


# %% swapped-heads
# points: 3
# says: ✗ 0/1  `age` ends without an activation: asked for linear at the end of output 'age'; found sigmoid
# says: ✗ 0/1  the function that was asked for: not so
def heads(size):
    features = keras.Input((size,))
    trunk = layers.Dense(16, activation="relu")(features)
    outputs = {name: layers.Dense(1, activation="sigmoid")(trunk) for name in ("age", "label")}
    repaired = keras.Model(features, outputs)
    repaired.compile(optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"})
    return repaired


# %% swapped-targets
# points: 4
# says: ✗ 0/1  lists of outputs, in either order: not so
def trained(model, x, ages, labels, epochs):
    model.fit(x, [ages, labels], epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 2
# says: asked for 1,610 parameters; found 2,778
# says: ✗ 0/1  with another base and another weight, both losses train the trunk: not so
def tunable(base, units, age_weight):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    flat = layers.Flatten()(base(image))
    age = layers.Dense(1)(layers.Dense(units, activation="relu")(flat))
    label = layers.Dense(1, activation="sigmoid")(layers.Dense(units, activation="relu")(flat))
    repaired = keras.Model(image, {"age": age, "label": label})
    losses = {"age": "mse", "label": "binary_crossentropy"}
    repaired.compile(optimizer=keras.optimizers.SGD(1e-3), loss=losses, loss_weights={"age": age_weight, "label": 1.0})
    return repaired


# %% one-channel
# points: 2
# says: asked for 408 parameters; found 414
# says: ✗ 0/1  another base: its own weights, and it stays as it is: not so
def for_grey(base):
    grey = keras.Input((*base.input_shape[1:3], 1))
    return keras.Model(grey, base(layers.Conv2D(3, 1)(grey)))
