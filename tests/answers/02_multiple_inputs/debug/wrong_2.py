"""Wrong answers: the text at every pixel, numbers written into the code, unused names, one output looked at."""
# ruff: noqa: F821


# %% dense-on-image
# points: 0
# says: asked for 1 output of shape (None, 10); found (None, 64, 64, 10)
# says: ✗ 0/1  every part of the image counts, and so does the text: not so
def join(image_shape, text_length):
    image_input, text_input = keras.Input(shape=image_shape), keras.Input(shape=(text_length,))
    x1 = layers.Dense(64, activation="relu")(image_input)
    x2 = layers.RepeatVector(image_shape[0] * image_shape[1])(layers.Dense(64, activation="relu")(text_input))
    combined = layers.Concatenate()([x1, layers.Reshape((*image_shape[:2], 64))(x2)])
    return keras.Model([image_input, text_input], layers.Dense(10, activation="softmax")(combined))


# %% token-magnitudes
# points: 3
# says: ✗ 0/1  the same with more words and other meanings:
def read_words(words, length):
    text_input = keras.Input(shape=(length,))
    x2 = layers.Flatten()(layers.Embedding(50, 8)(text_input))
    return keras.Model(text_input, layers.Dense(1, activation="sigmoid")(x2))


# %% swapped-inputs
# points: 1
# says: ✗ 0/1  monday and tuesday: 20.0 each: asked for 20.0; found -108.0
# says: ✗ 0/1  other models, from a list and from a dict, and columns in every order
def make_bill_model():
    gross, tare, price = (keras.Input((1,), name=name) for name in ("gross", "tare", "price"))
    return keras.Model([gross, tare, price], (gross - tare) * price)


def predict_bill(model, columns):
    return model.predict(list(columns.values()), verbose=0)


# %% unconnected-input
# points: 3
# says: ✗ 0/1  `unused_inputs` finds none where there is none: not so
# says: ✗ 0/1  `unused_inputs` finds several, in a list and in a dict, with two outputs: not so
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Flatten()(image)
    x = layers.Dense(units, activation="relu")(x)
    y = layers.Dense(units, activation="relu")(measurements)
    return keras.Model([image, measurements], layers.Dense(10, "softmax")(layers.Concatenate()([x, y])))


def unused_inputs(model):
    unused = []
    for entry in model.inputs:
        try:
            checks.check_path(model, entry, model.outputs[0])
        except AssertionError:
            unused.append(entry.name)
    return unused


# %% residual-channels
# points: 3
# says: ✗ 0/1  one channel is not broadcast, and strides alone need a convolution too: not so
# says: ✗ 0/1  other shapes and strides: the function that was asked for
def widen(x, filters, strides=1):
    residual = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    residual = layers.Conv2D(filters, 3, padding="same")(residual)
    if residual.shape != x.shape:
        x = layers.Conv2D(filters, 1, strides=strides, padding="same", activation="relu")(x)
    return layers.Add()([x, residual])
