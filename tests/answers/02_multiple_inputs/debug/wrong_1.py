"""Wrong answers: flattened too late, ids made small, columns sorted, a sum for a merge, a convolution on every skip."""
# ruff: noqa: F821


# %% dense-on-image
# points: 3
# says: ✗ 0/1  at most 1,000,000 parameters: asked for at most 1,000,000 parameters; found 2,628,810
def join(image_shape, text_length):
    image_input, text_input = keras.Input(shape=image_shape), keras.Input(shape=(text_length,))
    x1 = layers.Flatten()(layers.Dense(64, activation="relu")(image_input))
    x2 = layers.Dense(64, activation="relu")(text_input)
    combined = layers.Concatenate()([x1, x2])
    return keras.Model([image_input, text_input], layers.Dense(10, activation="softmax")(combined))


# %% token-magnitudes
# points: 1
# says: ✗ 0/1  trained, it gets at least 95 % of new reviews right: asked for at least 95 % right; found
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so
def read_words(words, length):
    text_input = keras.Input(shape=(length,))
    x2 = layers.Dense(64, activation="relu")(layers.Rescaling(1 / words)(text_input))
    return keras.Model(text_input, layers.Dense(1, activation="sigmoid")(x2))


# %% swapped-inputs
# points: 2
# says: ✗ 0/1  other models, from a list and from a dict, and columns in every order
def make_bill_model():
    gross, price, tare = (keras.Input((1,), name=name) for name in ("gross", "price", "tare"))
    return keras.Model([gross, price, tare], (gross - tare) * price)


def predict_bill(model, columns):
    return model.predict([columns[name] for name in sorted(columns)], verbose=0)


# %% unconnected-input
# points: 2
# says: ✗ 0/1  `unused_inputs` of the broken model: `measurements`: asked for ['measurements']; found []
# says: ✗ 0/1  `mix_both` of other widths: the function that was meant: not so
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(image))
    y = layers.Dense(units, activation="relu")(measurements)
    return keras.Model([image, measurements], layers.Dense(10, activation="softmax")(layers.Add()([x, y])))


def unused_inputs(model):
    known = [layer.name for layer in model.layers]
    return [entry.name for entry in model.inputs if entry.name not in known]


# %% residual-channels
# points: 4
# says: ✗ 0/1  equal shapes: what comes in is added as it is: not so
def widen(x, filters, strides=1):
    residual = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    residual = layers.Conv2D(filters, 3, padding="same")(residual)
    return layers.Add()([layers.Conv2D(filters, 1, strides=strides, padding="same")(x), residual])
