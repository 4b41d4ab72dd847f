"""Right answers: a mean over the image, a one-hot code, order by name, the graph walked, a Sequential model inside."""
# ruff: noqa: F821


# %% dense-on-image
# points: 4
def join(image_shape, text_length):
    image, text = keras.Input(image_shape), keras.Input((text_length,))
    seen = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(64, activation="relu")])(image)
    both = keras.ops.concatenate([seen, layers.Dense(64, activation="relu")(text)], axis=-1)
    return keras.Model([image, text], layers.Softmax()(layers.Dense(10)(both)))


# %% token-magnitudes
# points: 4
def read_words(words, length):
    review = keras.Input((length,))
    code = keras.ops.one_hot(keras.ops.cast(review, "int32"), words)
    counts = keras.ops.sum(code, axis=1)
    return keras.Model(review, layers.Dense(1, activation="sigmoid")(counts))


# %% swapped-inputs
# points: 4
def make_bill_model():
    price, gross, tare = (keras.Input((1,), name=name) for name in ("price", "gross", "tare"))
    net = layers.Subtract()([gross, tare])
    return keras.Model([price, gross, tare], layers.Multiply()([price, net]))


def predict_bill(model, columns):
    names = [entry.name for entry in model.inputs]
    if not set(names) <= set(columns):
        raise KeyError(f"no column {set(names) - set(columns)}")
    return model.predict(dict(zip(names, map(columns.get, names), strict=True)), verbose=0)


# %% unconnected-input
# points: 5
def mix_both(units):
    entries = {"measurements": keras.Input((2,), name="measurements"), "image": keras.Input((8, 8, 1), name="image")}
    sides = [keras.Sequential([layers.Flatten(), layers.Dense(units, "relu")])(entry) for entry in entries.values()]
    return keras.Model(entries, layers.Dense(10, activation="softmax")(layers.concatenate(sides)))


def unused_inputs(model):
    from functional_course.models import Graph

    graph = Graph(model)
    return [entry.name for entry in model.inputs if not graph.consumers(entry)]


# %% residual-channels
# points: 5
def widen(x, filters, strides=1):
    residual = keras.Sequential(
        [
            layers.Conv2D(filters, 3, strides, padding="same"),
            layers.ReLU(),
            layers.Conv2D(filters, 3, padding="same"),
        ]
    )(x)
    if residual.shape == x.shape and strides == 1:
        return residual + x
    return residual + layers.Conv2D(filters, 1, strides)(x)
