"""Wrong answers: one call on a sum, the mean first, copies that stay behind, nesting as published, freezing."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 2
# says: ✗ 0/1  with another size, one layer called on `a` and on `b`: not so
# says: ✗ 0/1  the first output is a function of `a`, the second one of `b`, as asked: not so
def two_branches(size):
    a, b = keras.Input((size,), name="a"), keras.Input((size,), name="b")
    shared = layers.Dense(64, activation="relu")(layers.add([a, b]))
    return keras.Model([a, b], [layers.Dense(32, activation="relu")(shared), layers.Dense(32, "softmax")(shared)])


# %% the-loop
# points: 3
# says: ✗ 0/1  `one_encoder` with other numbers: each sensor goes through the one layer: not so
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    return keras.Model(inputs, layers.Dense(units, activation="relu")(layers.Average()(inputs)))


def deep_stack(depth, units):
    return keras.Sequential([keras.Input((units,)), *(layers.Dense(units, activation="tanh") for _ in range(depth))])


# %% called-again
# points: 2
# says: ✗ 0/1  in training, the answer belongs to the code: asked for the head's answer to the code; found a largest
# says: ✗ 0/1  answer and code are those of encoder and head, in both modes: not so
def with_code(encoder, head):
    image = keras.Input((8, 8, 1))
    copy = keras.Sequential([keras.models.clone_model(encoder)])
    return keras.Model(image, {"answer": head(encoder(image)), "code": copy(image)})


# %% units-changed
# points: 0
# says: `restore`: saved and loaded, the model predicts what it did: asked for a model that can be saved and loaded
# says: asked for 910 parameters; found 610
def restore(model):
    return keras.models.clone_model(model)


def widen(model, name, units):
    model.get_layer(name).units = units
    return model


# %% two-nested-models
# points: 2
# says: saved and loaded, it computes the same: asked for a model that can be saved and loaded; found ValueError
# says: ✗ 0/1  other towers, joined, saved and loaded: what was shared is shared: not so
def join(first, second):
    left, right = keras.Input(first.input_shape[1:]), keras.Input(second.input_shape[1:])
    return keras.Model([left, right], [first(left), second(right)])


def carve(joined):
    return tuple(layer for layer in joined.layers if isinstance(layer, keras.Model))


# %% source-got-worse
# points: 2
# says: asked for 1,074 trainable parameters; found 34
# says: asked for models without a weight in common; found 2 that both have
def adapt(source, classes):
    for layer in source.layers[:-1]:
        layer.trainable = False
    head = layers.Dense(classes, activation="softmax")
    return keras.Model(source.inputs[0], head(source.layers[-2].output))
