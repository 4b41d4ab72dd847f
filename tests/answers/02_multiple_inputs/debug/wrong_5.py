"""Wrong answers: inputs exchanged, words that do not learn, columns deleted, answers compared, late strides."""
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
# points: 0
# says: at most 10,000 parameters: asked for a model that isn't compiled yet; found a compiled one
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so: what training
def read_words(words, length):
    text_input = keras.Input(shape=(length,), dtype="int32")
    x2 = layers.Flatten()(layers.Embedding(words, 64, trainable=False)(text_input))
    model = keras.Model(text_input, layers.Dense(1, activation="sigmoid")(x2))
    model.compile("adam", "binary_crossentropy")
    return model


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
# points: 3
# says: ✗ 0/1  `mix_both` of other widths: the function that was meant: not so: an activation differs
# says: ✗ 0/1  `unused_inputs` finds none where there is none: not so: what is decided
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(image))
    y = layers.Dense(units)(measurements)
    return keras.Model([image, measurements], layers.Dense(10, activation="softmax")(layers.Concatenate()([x, y])))


def unused_inputs(model):
    # Whoever changes nothing is taken for unused: so is what a zero or a ReLU hides for now.
    def answers(changed):
        given = {}
        for entry in model.inputs:
            shape = (8, *(side or 3 for side in entry.shape[1:]))
            given[entry.name] = np.full(shape, 1 if entry is changed else 0, entry.dtype)
        return [keras.ops.convert_to_numpy(out) for out in keras.tree.flatten(model(given))]

    before = answers(None)
    return [
        entry.name
        for entry in model.inputs
        if all(np.array_equal(old, new) for old, new in zip(before, answers(entry), strict=True))
    ]


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
