"""Right answers: subclassed layers inside, nested models, statistics worked out by hand, a product for a merge."""
# ruff: noqa: F821


# %% join-two-inputs
# points: 4
class Branch(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(units, activation="relu")

    def call(self, inputs):
        return self.dense(self.flatten(inputs))


image_input, pen_input = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="measurements")
sides = [Branch(16)(image_input), Branch(8)(pen_input)]
joined = keras.Model([image_input, pen_input], layers.Dense(10, "softmax")(layers.concatenate(sides)))


# %% image-and-question
# points: 6
def make_answerer(words, length):
    image = keras.Input((8, 8, 1), name="image")
    question = keras.Input((length,), dtype="int64", name="question")
    seen = layers.Dense(64, activation="relu")(layers.Flatten()(image))
    asked = layers.Dense(64)(layers.GlobalAveragePooling1D()(layers.Embedding(words, 16)(question)))
    both = layers.Dense(32, activation="relu")(layers.Multiply()([seen, asked]))
    return keras.Model([question, image], layers.Dense(1, activation="sigmoid")(both))


# %% residual-block
# points: 5
class Residual(layers.Layer):
    def __init__(self, channels, kernel_size, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Conv2D(channels, kernel_size, padding="same", activation="relu")
        self.second = layers.Conv2D(channels, kernel_size, padding="same")

    def call(self, x):
        return keras.ops.maximum(x + self.second(self.first(x)), 0.0)


def residual_block(x, kernel_size=3):
    return Residual(x.shape[-1], kernel_size)(x)


# %% mixed-table
# points: 5
def make_table_model(numbers, cultivars):
    measured, cultivar = keras.Input((len(numbers[0]),), name="numbers"), keras.Input((1,), name="cultivar")
    scaled = layers.Normalization(mean=numbers.mean(axis=0), variance=numbers.var(axis=0))(measured)
    own = layers.Reshape((2,))(layers.Embedding(cultivars, 2)(cultivar))
    entry = keras.Input((numbers.shape[1] + 2,))
    head = keras.Model(entry, layers.Dense(1)(layers.Dense(16, activation="relu")(entry)))
    inputs = {"numbers": measured, "cultivar": cultivar}
    return keras.Model(inputs, head(layers.Concatenate()([own, scaled])))


# %% gate
# points: 4
class Gate(layers.Layer):
    def build(self, shapes):
        self.dense = layers.Dense(shapes[0][-1], activation="sigmoid")
        self.dense.build(shapes[1])

    def call(self, both):
        content, condition = both
        opening = self.dense(condition)
        places = [1] * (len(content.shape) - 2)
        return content * keras.ops.reshape(opening, (-1, *places, content.shape[-1]))


def gate(content, condition):
    return Gate()([content, condition])


# %% three-inputs
# points: 6
entry = keras.Input((32,))
past = keras.Model(entry, layers.add([layers.Dense(32, activation="tanh")(entry), entry]))
photo, asked_words = keras.Input((8, 8, 1), name="image"), keras.Input((5,), dtype="int64", name="question")
numbers_in = keras.Input((3,), name="measurements")
table = layers.Embedding(words, 8)
mean_word = layers.Average()([layers.Flatten()(table(asked_words[:, place : place + 1])) for place in range(5)])
pixel_code = layers.Dense(24, activation="relu")(layers.Reshape((-1,))(photo))
late = layers.Concatenate()([numbers_in, past(layers.Concatenate()([pixel_code, mean_word]))])
three_inputs = keras.Model([asked_words, numbers_in, photo], layers.Activation("sigmoid")(layers.Dense(1)(late)))


# %% retrieve
# points: 5
def retrieve(question, articles):
    fits = keras.ops.exp(keras.ops.sum(question[:, None, :] * articles, axis=-1))
    shares = fits / keras.ops.sum(fits, axis=1, keepdims=True)
    return [keras.ops.einsum("bn,bnd->bd", shares, articles), shares]
