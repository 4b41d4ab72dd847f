"""Wrong answers: pooling that cuts short, a word passed over, zeros for what is missing, a skip without strides."""
# ruff: noqa: F821


# %% dense-on-image
# points: 3
# says: ✗ 0/1  every part of the image counts, and so does the text: not so: what is connected to what differs
def join(image_shape, text_length):
    image_input, text_input = keras.Input(shape=image_shape), keras.Input(shape=(text_length,))
    # On odd sizes, pooling leaves out the last row and the last column.
    x1 = layers.Flatten()(layers.MaxPooling2D(2)(image_input))
    x1 = layers.Dense(64, activation="relu")(x1)
    x2 = layers.Dense(64, activation="relu")(text_input)
    combined = layers.Concatenate()([x1, x2])
    return keras.Model([image_input, text_input], layers.Dense(10, activation="softmax")(combined))


# %% token-magnitudes
# points: 3
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so: its numbers differ
def read_words(words, length):
    text_input = keras.Input(shape=(length,), dtype="int32")
    # The word 0 is passed over, as if it filled up a review.
    x2 = layers.GlobalAveragePooling1D()(layers.Embedding(words, 4, mask_zero=True)(text_input))
    return keras.Model(text_input, layers.Dense(1, activation="sigmoid")(x2))


# %% swapped-inputs
# points: 3
# says: ✗ 0/1  a column too many changes nothing; a missing or misspelt one is an error: not so
def make_bill_model():
    entries = {name: keras.Input((1,), name=name) for name in ("gross", "tare", "price")}
    return keras.Model(entries, (entries["gross"] - entries["tare"]) * entries["price"])


def predict_bill(model, columns):
    nothing = np.zeros_like(next(iter(columns.values())))
    return model.predict({entry.name: columns.get(entry.name, nothing) for entry in model.inputs}, verbose=0)


# %% unconnected-input
# points: 1
# says: ✗ 0/1  `mix_both`: inputs `image` and `measurements`, and both reach the output: asked for a path from 'image'
# says: ✗ 0/1  `unused_inputs` of the broken model: `measurements`: asked for a list; found a str
# says: ✗ 0/1  `mix_both` of other widths: the function that was meant: not so
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Flatten()(image))
    y = layers.Dense(units, activation="relu")(measurements)
    x = layers.Concatenate()([y, y])
    return keras.Model([image, measurements], layers.Dense(10, activation="softmax")(x))


def unused_inputs(model):
    for entry in model.inputs:
        try:
            keras.Model(entry, model.outputs)
        except ValueError as error:
            if "not connected" in str(error):
                continue
        return next((other.name for other in model.inputs if other is not entry), [])
    return []


# %% residual-channels
# points: 2
# says: ✗ 0/1  with strides of 2: (None, 4, 4, 32) out, as many parameters: ValueError
# says: ✗ 0/1  other shapes and strides: the function that was asked for
# says: ✗ 0/1  one channel is not broadcast, and strides alone need a convolution too
def widen(x, filters, strides=1):
    residual = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    residual = layers.Conv2D(filters, 3, padding="same")(residual)
    if x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1)(x)
    return layers.Add()([x, residual])
