"""Wrong answers: a Lambda that does not load, keys swapped, a weight that no file keeps, no absolute values."""
# ruff: noqa: F821


# %% share-encoder
# points: 5
# says: ✗ 0/1  saved and loaded, it computes the same and still has one encoder: not so
def compare(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    apart = layers.Lambda(lambda codes: keras.ops.abs(codes[0] - codes[1]))([encoder(left), encoder(right)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(apart))


# %% count-first
# points: 0
# says: `pair`: parameters and computed dense layers: the number of parameters is not 3
# says: ✗ 0/1  `separate`: parameters and computed dense layers: not so
counted = {
    "pair": (3, 209),
    "separate": (3, 385),
    "trunk": (3, 244),
    "again": (4, 244),
    "stack": (3, 110),
    "inside": (4, 545),
    "nested": (6, 209),
}


# %% share-trunk
# points: 3
# says: asked for 2 outputs of shape 'digit' (None, 10), 'even' (None, 1); found
def two_heads(trunk):
    image = keras.Input((8, 8, 1))
    code = trunk(image)
    digit = layers.Dense(10, activation="softmax")(code)
    even = layers.Dense(1, activation="sigmoid")(code)
    return keras.Model(image, dict(zip(["even", "digit"], [digit, even], strict=True)))


# %% tied-autoencoder
# points: 5
# says: ✗ 0/1  saved and loaded, it computes the same and is still tied: not so: it doesn't come back from a file as it
@keras.saving.register_keras_serializable("answers")
class Tied(layers.Dense):
    # A Dense writes its kernel and its bias into the file, and no weight that a subclass adds.
    def build(self, input_shape):
        super().build(input_shape)
        self.back = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs):
        return keras.ops.matmul(super().call(inputs), keras.ops.transpose(self.kernel)) + self.back

    def compute_output_shape(self, input_shape):
        return input_shape


def tied_autoencoder(size):
    rows = keras.Input((64,))
    return keras.Model(rows, Tied(size, activation="relu")(rows))


# %% custom-layer
# points: 0
# says: rows (None, 4) in, (None, 3) out; shared by two inputs, it has 12 parameters: asked for 12 parameters; found 0
# says: ✗ 0/1  the closeness of two rows to two points: asked for 1 weight; found 0
@keras.saving.register_keras_serializable("answers")
class Closeness(layers.Layer):
    def __init__(self, count, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.count = count
        self.sharpness = sharpness

    def build(self, input_shape):
        self.points = keras.random.normal((self.count, input_shape[-1]))

    def call(self, inputs):
        difference = keras.ops.expand_dims(inputs, 1) - self.points
        return keras.ops.exp(-self.sharpness * keras.ops.sum(difference**2, axis=-1))

    def get_config(self):
        return {**super().get_config(), "count": self.count, "sharpness": self.sharpness}


# %% three-towers
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
tower = keras.Sequential(
    [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")]
)
code = tower(anchor)
joined = layers.Concatenate()([layers.Subtract()([code, tower(image)]) for image in (first, second)])
nearer, digit = layers.Dense(1, activation="sigmoid")(joined), layers.Dense(10, activation="softmax")(code)
three_towers = keras.Model([anchor, first, second], {"nearer": nearer, "digit": digit})


# %% measure-sharing
# points: 3
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: KeyError
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
def measure(seeds, images, answers):
    scores = {}
    for name, encoders in (("one", 1), ("two", 2)):
        runs = trained(lambda n=encoders: make_matcher(n), few_pairs, few_answers, batch_size=32, epochs=1, seeds=seeds)
        scores[name] = [float(np.mean((model.predict_on_batch(images)[:, 0] > 0.5) == answers)) for model in runs]
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    better = None
    if abs(mean["one"] - mean["two"]) > max(spread["one"], spread["two"]):
        better = "one" if mean["one"] > mean["two"] else "two"
    return {"mean": mean, "spread": spread, "better": better}


# %% own-pairs
# points: 5
# says: a functional model with two inputs by name, and one encoder for both: asked for one encoder for 'first' and for
def my_data():
    from sklearn.datasets import load_diabetes

    rows, progress = load_diabetes(return_X_y=True)
    numbers = np.random.default_rng(0)
    order = numbers.permutation(len(rows))

    def paired(patients, count):
        first, second = numbers.choice(patients, size=(2, count))
        sides = {"first": rows[first].astype("float32"), "second": rows[second].astype("float32")}
        return sides, (progress[first] > progress[second]).astype("int64")

    return paired(order[:300], 900), paired(order[300:], 400)


def my_model(x_train, y_train):
    rating = layers.Dense(1, use_bias=False)
    entries, ratings = [], []
    for name, rows in x_train.items():
        entry = keras.Input(rows.shape[1:], name=name)
        scale = layers.Normalization()
        scale.adapt(rows)
        entries.append(entry)
        ratings.append(rating(scale(entry)))
    model = keras.Model(entries, keras.ops.sigmoid(ratings[0] - ratings[1]))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=2, batch_size=32, verbose=0)
    return model
