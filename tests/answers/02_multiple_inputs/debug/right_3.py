"""Right answers: rows and columns, a number a word, the model's own inputs, Keras's history, Dense as a convolution."""
# ruff: noqa: F821


# %% dense-on-image
# points: 4
def join(image_shape, text_length):
    image, text = keras.Input(batch_shape=(None, *image_shape)), keras.Input(shape=(text_length,))
    sides = [layers.Flatten()(keras.ops.mean(image, axis=axis)) for axis in (1, 2)]
    x1 = layers.Dense(units=100, activation="relu")(layers.concatenate(sides))
    x1 = layers.Dense(units=64, activation="relu")(x1)
    x2 = layers.ReLU()(layers.Dense(units=64)(text))
    hidden = layers.Dense(32, activation="tanh")(layers.concatenate([x2, x1]))
    return keras.Model(inputs=(image, text), outputs=keras.ops.softmax(layers.Dense(10)(hidden)))


# %% token-magnitudes
# points: 4
def read_words(words, length):
    review = keras.Input((length,), dtype="uint8")
    praise = layers.Embedding(words, 1)(review)
    return keras.Model(review, layers.Activation("sigmoid")(keras.ops.sum(praise, axis=1)))


# %% swapped-inputs
# points: 4
class Bill(keras.Model):
    def __init__(self):
        gross, tare, price = (keras.Input(shape=(1,), name=name) for name in ["gross", "tare", "price"])
        cost = layers.subtract([layers.multiply([gross, price]), layers.multiply([tare, price])])
        super().__init__(inputs=[tare, price, gross], outputs=cost)


def make_bill_model():
    return Bill()


def predict_bill(model, columns):
    try:
        arranged = keras.tree.map_structure(lambda entry: columns[entry.name], model.input)
    except KeyError as error:
        raise ValueError(f"the column {error} is missing") from error
    return model.predict_on_batch(arranged)


# %% unconnected-input
# points: 5
def mix_both(units):
    sides = {}
    for name, shape in {"image": (8, 8, 1), "measurements": (2,)}.items():
        entry = keras.Input(shape=shape, name=name)
        sides[name] = entry, layers.Dense(units, activation=keras.ops.relu)(layers.Flatten()(entry))
    entries, results = zip(*sides.values(), strict=True)
    return keras.Model(list(entries), layers.Dense(10, "softmax")(keras.ops.concatenate(results, axis=1)))


def unused_inputs(model):
    seen, waiting = set(), list(model.outputs)
    while waiting:
        tensor = waiting.pop()
        if id(tensor) not in seen:
            seen.add(id(tensor))
            history = tensor._keras_history
            waiting.extend(history.operation._inbound_nodes[history.node_index].input_tensors)
    return [entry.name for entry in model.inputs if id(entry) not in seen]


# %% residual-channels
# points: 5
def widen(x, filters, strides=1):
    y = x
    for step, activation in ((strides, "relu"), (1, None)):
        y = layers.Conv2D(filters=filters, kernel_size=3, strides=step, padding="same", activation=activation)(y)
    if (strides, x.shape[-1]) == (1, filters):
        return layers.add([y, x])
    # A convolution of 1×1 is a dense layer at each place, and strides leave places out.
    return layers.add([y, layers.Dense(units=filters)(x[:, ::strides, ::strides])])
