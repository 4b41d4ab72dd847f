"""Right answers: a small convolution, an embedding laid out in a row, a dict cut to size, Keras's own verdict."""
# ruff: noqa: F821


# %% dense-on-image
# points: 4
class Eye(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = [
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.AveragePooling2D(4, padding="same"),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
        ]

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x


def join(image_shape, text_length):
    image, text = keras.Input(image_shape, name="image"), keras.Input((text_length,), name="text")
    both = layers.Concatenate()([layers.Dense(64, activation="relu")(text), Eye()(image)])
    return keras.Model([image, text], layers.Dense(10, activation="softmax")(both))


# %% token-magnitudes
# points: 4
def read_words(words, length):
    reader = keras.Sequential(
        [
            keras.Input((length,)),
            layers.Embedding(words, 8),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )
    review = keras.Input((length,), dtype="int32")
    return keras.Model(review, keras.ops.sigmoid(reader(review)))


# %% swapped-inputs
# points: 4
class Bill(layers.Layer):
    def call(self, columns):
        return columns["price"] * (columns["gross"] - columns["tare"])


def make_bill_model():
    entries = {name: keras.Input((1,), name=name) for name in ("tare", "price", "gross")}
    return keras.Model(entries, Bill()(entries))


def predict_bill(model, columns):
    known = {entry.name for entry in model.inputs}
    return np.asarray(model({name: values for name, values in columns.items() if name in known}))


# %% unconnected-input
# points: 5
def mix_both(units):
    image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="measurements")
    x = layers.Dense(units, activation="relu")(layers.Reshape((64,))(image))
    y = layers.ReLU()(layers.Dense(units)(measurements))
    scores = layers.Dense(10)(layers.Concatenate()([y, x]))
    return keras.Model([measurements, image], layers.Softmax()(scores))


def unused_inputs(model):
    unused = []
    for entry in model.inputs:
        others = [other for other in model.inputs if other is not entry]
        try:
            keras.Model(others or [keras.Input((1,))], model.outputs)
        except ValueError:
            continue
        unused.append(entry.name)
    return unused


# %% residual-channels
# points: 5
class Widen(layers.Layer):
    def __init__(self, filters, strides, project, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Conv2D(filters, 3, strides, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 3, padding="same")
        self.skip = layers.Conv2D(filters, 1, strides) if project else layers.Identity()

    def call(self, x):
        return self.skip(x) + self.second(self.first(x))


def widen(x, filters, strides=1):
    return Widen(filters, strides, project=(x.shape[-1], 1) != (filters, strides))(x)
