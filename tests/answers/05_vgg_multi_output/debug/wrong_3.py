"""Wrong answers: a backbone that trains, a label without a loss, years squeezed, a base that trains, a copy."""
# ruff: noqa: F821


# %% no-model
# points: 2
# says: asked for 6,850 trainable parameters; found 7,258
# says: ✗ 0/1  through `fit`, nothing in another backbone changes: not so
def age_and_gender(vgg, units):
    image = keras.Input(vgg.input_shape[1:])
    flat = layers.Flatten()(vgg(image, training=False))
    codes = [layers.Dense(units, activation="relu")(layers.Dense(units, activation="relu")(flat)) for _ in range(2)]
    whole = keras.Model(
        image, {"Age": layers.Dense(1)(codes[0]), "Gender": layers.Dense(1, activation="sigmoid")(codes[1])}
    )
    whole.compile(optimizer="adam", loss={"Age": "mse", "Gender": "binary_crossentropy"})
    return whole


# %% wrong-keys
# points: 2
# says: asked for output 'age' to have the loss mse; found ValueError: Expected keys ['age', 'label'] in loss dict
# says: ✗ 0/1  a list of outputs, the label first: not so
def compiled(model, age, label):
    model.compile(optimizer="adam", loss={age: "mse"})
    return model


def targets(age, label, ages, labels):
    return {age: ages, label: labels}


# %% swapped-heads
# points: 2
# says: ✗ 0/1  `age` ends without an activation: asked for linear at the end of output 'age'; found values that
# says: ✗ 0/1  each output has the loss that fits it: not so
def heads(size):
    features = keras.Input((size,))
    trunk = layers.Dense(16, activation="relu")(features)
    age = layers.Rescaling(90.0)(layers.Dense(1, activation="sigmoid")(trunk))
    repaired = keras.Model(features, {"age": age, "label": layers.Dense(1, activation="sigmoid")(trunk)})
    repaired.compile(optimizer="adam", loss="mse")
    return repaired


# %% swapped-targets
# points: 1
# says: ✗ 0/1  dicts of outputs, in either order: not so
# says: ✗ 0/1  lists of outputs, in either order: not so
def trained(model, x, ages, labels, epochs):
    model.compile(optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"})
    model.fit(x, {"age": ages, "label": labels}, epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 3
# says: asked for 1,202 trainable parameters; found 1,610
# says: ✗ 0/1  through `fit`, nothing in another base changes: not so
def tunable(base, units, age_weight):
    base.trainable = True
    image = keras.Input(base.input_shape[1:])
    trunk = layers.Dense(units, activation="relu")(layers.Flatten()(base(image)))
    outputs = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    repaired = keras.Model(image, outputs)
    repaired.compile(
        optimizer="adam",
        loss={"age": "mse", "label": "binary_crossentropy"},
        loss_weights={"age": age_weight, "label": 1.0},
    )
    return repaired


# %% one-channel
# points: 1
# says: asked for 408 parameters; found 336
# says: ✗ 0/1  saved and loaded, it computes the same: ValueError
def for_grey(base):
    again = [type(layer).from_config(layer.get_config()) for layer in base.layers]
    grey = keras.Input((*base.input_shape[1:3], 1))
    return keras.Model(grey, keras.Sequential(again)(grey))
