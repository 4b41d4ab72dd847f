"""Wrong answers: inputs exchanged, too many numbers a word, columns deleted, each output asked for, late strides."""
# ruff: noqa: F821


# %% dense-on-image
# points: 1
# says: (None, 10) out: asked for 2 inputs of shape (None, 64, 64, 3), (None, 100); found (None, 100), (None, 64, 64, 3)
# says: ✗ 0/1  other images and texts; the probabilities of an example add up to 1: not so: tensors or layers stand in
def join(image_shape, text_length):
    image_input, text_input = keras.Input(shape=image_shape), keras.Input(shape=(text_length,))
    x1 = layers.Dense(64, activation="relu")(layers.Flatten()(image_input))
    x2 = layers.Dense(64, activation="relu")(text_input)
    combined = layers.Concatenate()([x1, x2])
    return keras.Model([text_input, image_input], layers.Dense(10, activation="softmax")(combined))


# %% token-magnitudes
# points: 3
# says: at most 10,000 parameters: asked for at most 10,000 parameters; found
def read_words(words, length):
    text_input = keras.Input(shape=(length,), dtype="int32")
    x2 = layers.GlobalAveragePooling1D()(layers.Embedding(words, 256)(text_input))
    return keras.Model(text_input, layers.Dense(1, activation="sigmoid")(x2))


# %% swapped-inputs
# points: 3
# says: ✗ 0/1  a column too many changes nothing; a missing or misspelt one is an error: not so: what was given was
def make_bill_model():
    gross, tare, price = (keras.Input((1,), name=name) for name in ("gross", "tare", "price"))
    return keras.Model([gross, tare, price], (gross - tare) * price)


def predict_bill(model, columns):
    names = [entry.name for entry in model.inputs]
    for name in list(columns):
        if name not in names:
            del columns[name]
    return model.predict({name: columns[name] for name in names}, verbose=0)


# %% unconnected-input
# points: 2
# says: ✗ 0/1  `mix_both` of other widths: the function that was meant: not so: an activation differs
# says: ✗ 0/1  `unused_inputs` finds none where there is none: not so
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(image))
    y = layers.Dense(units)(measurements)
    return keras.Model([image, measurements], layers.Dense(10, activation="softmax")(layers.Concatenate()([x, y])))


def unused_inputs(model):
    unused = []
    for entry in model.inputs:
        try:
            for target in model.outputs:
                checks.check_path(model, entry, target)
        except checks.CheckFailed:
            unused.append(entry.name)
    return unused


# %% residual-channels
# points: 3
# says: ✗ 0/1  other shapes and strides: the function that was asked for: not so
# says: ✗ 0/1  one channel is not broadcast, and strides alone need a convolution too: not so
def widen(x, filters, strides=1):
    residual = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    residual = layers.Conv2D(filters, 3, strides=strides, padding="same")(residual)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
    return layers.Add()([x, residual])
