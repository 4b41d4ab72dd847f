"""Wrong answers: more repaired than was asked for, one softmax, names of one model, tensors for names, a late ReLU."""
# ruff: noqa: F821


# %% dense-on-image
# points: 3
# says: and a text (None, 100) in, (None, 10) out: asked for the text's branch as it was
def join(image_shape, text_length):
    image_input, text_input = keras.Input(shape=image_shape), keras.Input(shape=(text_length,))
    x1 = layers.Dense(64, activation="relu")(layers.Flatten()(image_input))
    x2 = layers.GlobalAveragePooling1D()(layers.Embedding(1000, 64)(text_input))
    combined = layers.Concatenate()([x1, x2])
    return keras.Model([image_input, text_input], layers.Dense(10, activation="softmax")(combined))


# %% token-magnitudes
# points: 1
# says: ✗ 0/1  trained, it gets at least 95 % of new reviews right: asked for at least 95 % right; found
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so
def read_words(words, length):
    text_input = keras.Input(shape=(length,), dtype="int32")
    x2 = layers.GlobalAveragePooling1D()(layers.Embedding(words, 4)(text_input))
    return keras.Model(text_input, layers.Dense(1, activation="softmax")(x2))


# %% swapped-inputs
# points: 2
# says: ✗ 0/1  other models, from a list and from a dict, and columns in every order: KeyError
# says: ✗ 0/1  a column too many changes nothing; a missing or misspelt one is an error: KeyError
def make_bill_model():
    gross, tare, price = (keras.Input((1,), name=name) for name in ("gross", "tare", "price"))
    return keras.Model([gross, tare, price], (gross - tare) * price)


def predict_bill(model, columns):
    return model.predict([columns["gross"], columns["tare"], columns["price"]], verbose=0)


# %% unconnected-input
# points: 2
# says: ✗ 0/1  `unused_inputs` of the broken model: `measurements`: asked for ['measurements']; found [<KerasTensor
# says: ✗ 0/1  `mix_both` of other widths: the function that was meant: not so: its weights differ in number or in shape
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(image))
    merged = layers.Concatenate()([x, measurements])
    return keras.Model([image, measurements], layers.Dense(10, activation="softmax")(merged))


def unused_inputs(model):
    unused = []
    for entry in model.inputs:
        for target in model.outputs:
            try:
                checks.check_path(model, entry, target)
                break
            except checks.CheckFailed:
                continue
        else:
            unused.append(entry)
    return unused


# %% residual-channels
# points: 2
# says: ✗ 0/1  other shapes and strides: the function that was asked for: not so
# says: ✗ 0/1  equal shapes: what comes in is added as it is: not so
def widen(x, filters, strides=1):
    residual = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    residual = layers.Conv2D(filters, 3, padding="same")(residual)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
    return layers.ReLU()(layers.Add()([x, residual]))
