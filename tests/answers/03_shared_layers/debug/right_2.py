"""Right answers: dicts of inputs, a subclassed layer, attributes put back, graphs called flat."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 4
def two_branches(size):
    entries = {"a": keras.Input((size,), name="a"), "b": keras.Input((size,), name="b")}
    codes = layers.TimeDistributed(layers.Dense(64, activation="relu"))(keras.ops.stack(list(entries.values()), axis=1))
    first, second = layers.Dense(32)(codes[:, 0]), layers.Dense(32)(codes[:, 1])
    return keras.Model(entries, [keras.ops.relu(first), layers.Softmax()(second)])


# %% the-loop
# points: 4
def one_encoder(sensors, size, units):
    encode = layers.Dense(units, activation="relu")
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    return keras.Model(inputs, sum(encode(signal) for signal in inputs) / sensors)


def deep_stack(depth, units):
    entry = keras.Input((units,))
    return keras.Model(entry, keras.Sequential([layers.Dense(units, activation="tanh") for _ in range(depth)])(entry))


# %% called-again
# points: 5
def with_code(encoder, head):
    class Both(layers.Layer):
        def __init__(self):
            super().__init__()
            self.encoder, self.head = encoder, head

        def call(self, image, training=None):
            code = self.encoder(image, training=training)
            return {"answer": self.head(code), "code": code}

    image = keras.Input((8, 8, 1))
    return keras.Model(image, Both()(image))


# %% units-changed
# points: 5
def restore(model):
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            _, layer.units = layer.kernel.shape
    return model


def widen(model, name, units):
    layer = model.get_layer(name)
    before, layer.units = layer.units, units
    try:
        return keras.models.clone_model(model)
    finally:
        layer.units = before


# %% two-nested-models
# points: 5
def join(first, second):
    left, right = keras.Input(first.input_shape[1:]), keras.Input(second.input_shape[1:])
    return keras.Model([left, right], [first.call(left), second.call(right)])


def carve(joined):
    return (
        keras.Model(joined.inputs[:1], joined.outputs[0]),
        keras.Model(joined.inputs[1:], joined.outputs[1]),
    )


# %% source-got-worse
# points: 5
def adapt(source, classes):
    twin = keras.models.clone_model(source)
    twin.set_weights(source.get_weights())
    image = keras.Input(source.input_shape[1:])
    body = keras.Model(twin.inputs, twin.layers[-2].output)
    return keras.Model(image, layers.Dense(classes, activation="softmax")(body(image)))
