"""Right answers: nested heads, a model class with a graph, a layer in a layer, settings that Keras keeps, evaluate."""
# ruff: noqa: F821


# %% share-encoder
# points: 6
def compare(encoder):
    def head(length):
        one, other = keras.Input(shape=(length,)), keras.Input(shape=(length,))
        apart = keras.ops.maximum(one, other) - keras.ops.minimum(one, other)
        return keras.Model([one, other], layers.Dense(units=1, activation=keras.activations.sigmoid)(apart))

    right = keras.Input(shape=(8, 8, 1), name="right")
    left = keras.Input(shape=(8, 8, 1), name="left")
    probability = head(encoder.output_shape[-1])([encoder(left), encoder(right)])
    return keras.Model(inputs=(left, right), outputs=[probability])


# %% count-first
# points: 6
def dense(inputs, units):
    return np.int64((inputs + 1) * units)


names = ["pair", "separate", "trunk", "again", "stack", "inside", "nested"]
heads = dense(16, 1) + dense(16, 3)
parameters = [
    dense(10, 16) + dense(32, 1),
    2 * dense(10, 16) + dense(32, 1),
    dense(10, 16) + heads,
    dense(10, 16) + heads,
    dense(10, 10),
    3 * dense(10, 16) + dense(16, 1),
    dense(10, 16) + dense(32, 1),
]
counted = dict(zip(names, zip(parameters, (3, 3, 3, 4, 3, 4, 6), strict=True), strict=True))


# %% share-trunk
# points: 5
def two_heads(trunk):
    class TwoHeads(keras.Model):
        def __init__(self):
            images = keras.Input(batch_shape=trunk.input_shape)
            code = trunk(images)
            scores, score = layers.Dense(10)(code), layers.Dense(1)(code)
            super().__init__(
                inputs=images,
                outputs={"even": keras.ops.sigmoid(score), "digit": keras.ops.softmax(scores, axis=-1)},
            )

    return TwoHeads()


# %% tied-autoencoder
# points: 6
@keras.saving.register_keras_serializable(package="answers")
class Tied(layers.Layer):
    """Holds a dense layer and goes back through its kernel; Keras keeps the settings."""

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units=size, activation=keras.activations.relu)

    def build(self, input_shape):
        self.dense.build(input_shape)
        self.back = self.add_weight(name="back", shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs):
        return keras.ops.tensordot(self.dense(inputs), self.dense.kernel, axes=[[1], [1]]) + self.back


def tied_autoencoder(size):
    pixels = keras.Input(shape=(64,), name="pixels")
    return keras.Model(inputs=pixels, outputs=Tied(size=size)(pixels))


# %% custom-layer
# points: 6
@keras.saving.register_keras_serializable(package="mine")
class Closeness(keras.layers.Layer):
    def __init__(self, count, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.count, self.sharpness = count, sharpness

    def build(self, input_shape):
        width = input_shape[-1]
        self.table = keras.Variable(keras.random.uniform((self.count, width), -1.0, 1.0), name="points")
        self.built = True

    def distance(self, inputs, place):
        return keras.ops.sum(keras.ops.square(keras.ops.subtract(inputs, self.table[place])), axis=1)

    def call(self, inputs):
        distances = keras.ops.stack([self.distance(inputs, place) for place in range(self.count)], axis=1)
        return 1 / keras.ops.exp(self.sharpness * distances)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.count)


# %% three-towers
# points: 6
def make_tower():
    image = keras.Input((8, 8, 1))
    maps = keras.ops.relu(layers.Conv2D(filters=8, kernel_size=(3, 3), padding="valid")(image))
    row = layers.Reshape((-1,))(maps)
    return keras.Model(image, layers.Dense(units=16, activation="relu")(row))


anchor, first, second = [keras.Input(shape=(8, 8, 1), name=name) for name in ["anchor", "first", "second"]]
anchor_code, *other_codes = map(make_tower(), (anchor, first, second))
differences = [keras.ops.absolute(keras.ops.subtract(code, anchor_code)) for code in other_codes]
nearer = layers.Dense(1)(keras.ops.hstack(differences))
three_towers = keras.Model(
    inputs=(anchor, first, second),
    outputs={
        "nearer": layers.Activation("sigmoid", name="nearer")(nearer),
        "digit": layers.Softmax(name="digit")(layers.Dense(10)(anchor_code)),
    },
)


# %% measure-sharing
# points: 6
def measure(seeds, images, answers):
    def score(encoders, seed):
        keras.utils.set_random_seed(int(seed))
        model = make_matcher(encoders)
        model.compile(model.optimizer, "binary_crossentropy", metrics=["accuracy"])
        model.fit(few_pairs, few_answers, batch_size=32, epochs=6, verbose=0)
        return model.evaluate(images, answers, verbose=0, return_dict=True)["accuracy"]

    return {name: [score(encoders, seed) for seed in seeds] for encoders, name in enumerate(("one", "two"), start=1)}


def decide(scores):
    (first, some), (second, others) = scores.items()
    mean, spread = {}, {}
    for name, numbers in ((first, some), (second, others)):
        mean[name] = sum(numbers) / len(numbers)
        spread[name] = (sum((number - mean[name]) ** 2 for number in numbers) / len(numbers)) ** 0.5
    lead = mean[first] - mean[second]
    needed = max(spread[first], spread[second])
    if lead > needed:
        better = first
    elif -lead > needed:
        better = second
    else:
        better = None
    return {"mean": mean, "spread": spread, "better": better}


# %% own-pairs
# points: 6
def my_data():
    # Sentences of six tokens about one of four topics, with ten words each: are both about the same?
    numbers = np.random.default_rng(11)

    def paired(count):
        topics = numbers.integers(4, size=(2, count))
        topics[1] = np.where(numbers.random(count) < 0.4, topics[0], topics[1])
        tokens = 10 * topics[..., None] + numbers.integers(10, size=(2, count, 6))
        return dict(zip(("one", "other"), tokens.astype("int32"), strict=True)), (topics[0] == topics[1]).astype(int)

    return paired(800), paired(200)


def my_model(x_train, y_train):
    words = layers.Embedding(40, 8)
    sides = [keras.Input((None,), name=name, dtype="int32") for name in x_train]
    codes = [layers.GlobalAveragePooling1D()(words(side)) for side in sides]
    products = layers.Multiply()(codes)
    model = keras.Model(sides, layers.Dense(1, activation="sigmoid")(products))
    model.compile(optimizer=keras.optimizers.Adam(0.03), loss=keras.losses.BinaryCrossentropy())
    model.fit(x_train, y_train, epochs=6, verbose=0)
    return model
