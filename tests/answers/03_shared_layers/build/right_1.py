"""Right answers: a graph in place of a call, a decoder that holds the encoder, plain layers in place of a model."""
# ruff: noqa: F821


# %% share-encoder
# points: 6
def compare(encoder):
    images = [keras.Input((8, 8, 1), name=name) for name in ("left", "right")]
    codes = [encoder(image) for image in images]
    score = layers.Dense(1)(keras.ops.absolute(layers.Subtract()(codes)))
    return keras.Model(inputs=images, outputs=layers.Activation("sigmoid")(score))


# %% count-first
# points: 6
counted = {
    "pair": (209, 3),
    "separate": (385, 3),
    "trunk": (244, 3),
    "again": (244, 4),
    "stack": (110, 3),
    "inside": (545, 4),
    "nested": (209, 6),
}


# %% share-trunk
# points: 5
def two_heads(trunk):
    code = trunk.outputs[0]
    answers = {"digit": layers.Dense(10, "softmax")(code), "even": layers.Dense(1, "sigmoid")(code)}
    return keras.Model(trunk.inputs[0], answers)


# %% tied-autoencoder
# points: 6
@keras.saving.register_keras_serializable("answers")
class Transposed(layers.Layer):
    def __init__(self, dense, **kwargs):
        super().__init__(**kwargs)
        self.dense = dense

    def build(self, input_shape):
        self.offset = self.add_weight(shape=(64,), initializer="zeros")

    def call(self, code):
        return keras.ops.matmul(code, keras.ops.transpose(self.dense.kernel)) + self.offset

    def get_config(self):
        return {**super().get_config(), "dense": keras.saving.serialize_keras_object(self.dense)}

    @classmethod
    def from_config(cls, config):
        dense = keras.saving.deserialize_keras_object(config.pop("dense"))
        return cls(dense, **config)


def tied_autoencoder(size):
    rows = keras.Input((64,))
    encoder = layers.Dense(size, activation="relu")
    return keras.Model(rows, Transposed(encoder)(encoder(rows)))


# %% custom-layer
# points: 6
@keras.saving.register_keras_serializable(package="answers", name="close")
class Closeness(keras.layers.Layer):
    def __init__(self, count, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.count, self.sharpness = count, sharpness

    def build(self, input_shape):
        self.points = self.add_weight(shape=(self.count, input_shape[-1]), initializer="glorot_uniform")

    def call(self, x):
        squares = keras.ops.sum(x**2, axis=1, keepdims=True) + keras.ops.sum(self.points**2, axis=1)
        return keras.ops.exp(-self.sharpness * (squares - 2 * keras.ops.matmul(x, keras.ops.transpose(self.points))))

    def get_config(self):
        config = super().get_config()
        config.update(count=self.count, sharpness=self.sharpness)
        return config


# %% three-towers
# points: 6
entries = {name: keras.Input((8, 8, 1), name=name) for name in ("second", "first", "anchor")}
convolution, row, dense = layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")
code = {name: dense(row(convolution(image))) for name, image in entries.items()}
apart = [abs(code["anchor"] - code[name]) for name in ("second", "first")]
three_towers = keras.Model(
    entries,
    {
        "digit": layers.Dense(10, activation="softmax")(code["anchor"]),
        "nearer": layers.Dense(1, activation="sigmoid")(keras.ops.concatenate(apart, axis=-1)),
    },
)


# %% measure-sharing
# points: 6
def measure(seeds, images, answers):
    scores = {"two": [], "one": []}
    for seed in seeds:
        for encoders, name in ((1, "one"), (2, "two")):
            keras.utils.set_random_seed(seed)
            model = make_matcher(encoders)
            model.fit(few_pairs, few_answers, batch_size=32, epochs=6, verbose=0)
            said = model.predict_on_batch([images["left"], images["right"]]).round()[:, 0]
            scores[name].append(1 - np.abs(said - answers).mean())
    return scores


def decide(scores):
    import statistics

    mean = {name: statistics.fmean(map(float, numbers)) for name, numbers in scores.items()}
    spread = {name: statistics.stdev(map(float, numbers)) for name, numbers in scores.items()}
    low, high = sorted(mean, key=mean.get)
    better = high if mean[high] - mean[low] > max(spread[low], spread[high]) else None
    return {"mean": mean, "spread": spread, "better": better}


# %% own-pairs
# points: 6
def my_data():
    numbers = np.random.default_rng(7)
    strength = numbers.normal(size=100)

    def season(games):
        home, away = numbers.integers(100, size=(2, games, 1))
        goals = 1.5 * (strength[home] - strength[away])[:, 0] + numbers.normal(scale=0.5, size=games)
        return {"home": home, "away": away}, goals.astype("float32")

    return season(700), season(200)


def my_model(x_train, y_train):
    home, away = keras.Input((1,), dtype="int32", name="home"), keras.Input((1,), dtype="int32", name="away")
    rating = layers.Embedding(100, 1)
    ahead = layers.Flatten()(layers.Subtract()([rating(home), rating(away)]))
    model = keras.Model([away, home], layers.Dense(1)(ahead))
    model.compile(keras.optimizers.Adam(0.05), "mse")
    model.fit(x_train, y_train, epochs=8, batch_size=30, verbose=0)
    return model
