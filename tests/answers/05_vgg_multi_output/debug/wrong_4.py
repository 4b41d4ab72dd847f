"""Wrong answers: a layer read by the other branch, a line copied twice, ages from 0 on, a guessed order, a Lambda."""
# ruff: noqa: F821


# %% no-model
# points: 2
# says: asked for 7,258 parameters; found 4,922
# says: ✗ 0/1  another backbone: the function that was asked for: not so: its weights differ in number or in shape
def age_and_gender(vgg, units):
    vgg.trainable = False
    flatten = layers.Flatten()(vgg.layers[-1].output)
    x = layers.Dense(units, activation="relu")(flatten)
    age = layers.Dense(units, activation="relu")(x)
    gender = layers.Dense(units, activation="relu")(x)
    output1 = layers.Dense(1, activation="linear", name="Age")(age)
    output2 = layers.Dense(1, activation="sigmoid", name="Gender")(gender)
    whole = keras.Model(vgg.inputs[0], [output1, output2])
    whole.compile(optimizer="adam", loss={"Age": "mse", "Gender": "binary_crossentropy"})
    return whole


# %% wrong-keys
# points: 3
# says: ✗ 0/1  `targets`: the ages and the labels, by name: asked for the labels under 'label'; found something else
# says: ✗ 0/1  `targets` under other names: not so
def compiled(model, age, label):
    model.compile(optimizer="adam", loss={age: "mse", label: "binary_crossentropy"})
    return model


def targets(age, label, ages, labels):
    return {age: ages, label: ages}


# %% swapped-heads
# points: 3
# says: asked for linear at the end of output 'age'; found relu
# says: ✗ 0/1  the function that was asked for: not so: an activation differs
def heads(size):
    features = keras.Input((size,))
    trunk = layers.Dense(16, activation="relu")(features)
    outputs = {
        "age": layers.Dense(1, activation="relu", name="age")(trunk),
        "label": layers.Dense(1, activation="sigmoid", name="label")(trunk),
    }
    repaired = keras.Model(features, outputs)
    repaired.compile(optimizer="adam", loss={"age": "mse", "label": "binary_crossentropy"})
    return repaired


# %% swapped-targets
# points: 4
# says: ✗ 0/1  lists of outputs, in either order: not so
def trained(model, x, ages, labels, epochs):
    targets = [ages, labels] if isinstance(model.output, dict) else [labels, ages]
    model.fit(x, targets, epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 3
# says: asked for 1,610 parameters; found 586
# says: ✗ 0/1  the function that was asked for: not so: its weights differ in number or in shape
def tunable(base, units, age_weight):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    trunk = layers.Dense(units, activation="relu")(layers.GlobalAveragePooling2D()(base(image)))
    outputs = {"age": layers.Dense(1)(trunk), "label": layers.Dense(1, activation="sigmoid")(trunk)}
    repaired = keras.Model(image, outputs)
    repaired.compile(
        optimizer="adam",
        loss={"age": "mse", "label": "binary_crossentropy"},
        loss_weights={"age": age_weight, "label": 1.0},
    )
    return repaired


# %% one-channel
# points: 4
# says: ✗ 0/1  saved and loaded, it computes the same
def for_grey(base):
    grey = keras.Input((*base.input_shape[1:3], 1))
    colour = layers.Lambda(lambda image: keras.ops.repeat(image, 3, axis=-1))(grey)
    return keras.Model(grey, base(colour))
