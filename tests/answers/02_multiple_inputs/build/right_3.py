"""Right answers: models that are classes with a graph, statistics in a frozen layer, branches that are added."""
# ruff: noqa: F821


# %% join-two-inputs
# points: 4
class Joined(keras.Model):
    def __init__(self):
        entries = {
            "measurements": keras.Input(shape=(5,), name="measurements"),
            "image": keras.Input(shape=(8, 8, 1), name="image"),
        }
        found = {}
        for name, units in (("image", 16), ("measurements", 8)):
            row = layers.Flatten()(inputs=entries[name])
            found[name] = keras.activations.relu(layers.Dense(units=units)(inputs=row))
        both = layers.Concatenate(axis=1)(inputs=list(found.values()))
        super().__init__(inputs=entries, outputs=layers.Dense(units=10, activation="softmax")(inputs=both))


joined = Joined()


# %% image-and-question
# points: 6
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((length,), name="question", dtype="uint8")
    seen = layers.Dense(32, activation="relu")(layers.Flatten()(image))
    meaning = layers.Embedding(input_dim=words, output_dim=8)(question)
    asked = layers.EinsumDense("bwd,wdh->bh", 48)(meaning)
    hidden = keras.ops.relu(layers.Dense(48)(seen) + asked)
    return keras.Model(inputs=[image, question], outputs=1 / (1 + keras.ops.exp(-layers.Dense(1)(hidden))))


# %% residual-block
# points: 5
def residual_block(x, kernel_size=3):
    entry = residual = keras.Input(x.shape[1:])
    for activation in ("relu", "linear"):
        convolution = layers.Conv2D(x.shape[-1], (kernel_size, kernel_size), padding="same", activation=activation)
        residual = convolution(residual)
    return layers.Activation("relu")(keras.Model(entry, layers.add([entry, residual]))(x))


# %% mixed-table
# points: 5
def make_table_model(rows, cultivars):
    measured = keras.Input((rows.shape[-1],), name="numbers")
    cultivar = keras.Input((1,), dtype="int64", name="cultivar")
    scale = layers.BatchNormalization(center=False, scale=False, epsilon=0.0, trainable=False)
    scaled = scale(measured)
    scale.set_weights([rows.mean(axis=0), rows.var(axis=0, ddof=1)])
    vine = layers.Embedding(cultivars, 2)(cultivar)[:, 0]
    hidden = layers.Dense(16, activation="relu")(keras.ops.hstack([vine, scaled]))
    return keras.Model({"cultivar": cultivar, "numbers": measured}, layers.Dense(1)(hidden))


# %% gate
# points: 4
def gate(content, condition):
    *places, channels = content.shape[1:]
    opening = layers.Activation("sigmoid")(layers.Dense(units=channels)(condition))
    return layers.multiply([layers.Reshape([1 for _ in places] + [channels])(opening), content])


# %% three-inputs
# points: 6
class ThreeInputs(keras.Model):
    def __init__(self, words, length):
        image = keras.Input((8, 8, 1), name="image")
        question = keras.Input((length,), name="question")
        measurements = keras.Input((3,), name="measurements")
        asked = layers.AveragePooling1D(pool_size=length)(layers.Embedding(words, 8)(question))
        first = layers.concatenate([layers.Flatten()(asked), layers.Dense(24, "relu")(layers.Flatten()(image))])
        both = first + keras.ops.tanh(layers.Dense(32)(first))
        super().__init__(
            [measurements, image, question],
            layers.Dense(1, activation=keras.activations.sigmoid)(keras.ops.concatenate([measurements, both], axis=1)),
        )


three_inputs = ThreeInputs(words, length)


# %% retrieve
# points: 5
class Retrieve(layers.Layer):
    def call(self, question, articles):
        fits = keras.ops.squeeze(keras.ops.matmul(articles, keras.ops.expand_dims(question, -1)), axis=-1)
        shares = keras.ops.exp(keras.ops.log_softmax(fits, axis=-1))
        return keras.ops.sum(articles * shares[..., None], axis=1), shares


def retrieve(question, articles):
    mix, shares = Retrieve()(question, articles)
    return mix, shares
