"""Right answers: wrapped encoders on stacked images, dicts of inputs, one layer that does it all."""
# ruff: noqa: F821


# %% share-encoder
# points: 6
def compare(encoder):
    sides = {"left": keras.Input((8, 8, 1), name="left"), "right": keras.Input((8, 8, 1), name="right")}
    codes = layers.TimeDistributed(encoder)(keras.ops.stack([sides["left"], sides["right"]], axis=1))
    head = keras.Sequential([layers.Dense(1), layers.Activation("sigmoid")])
    return keras.Model(sides, head(keras.ops.abs(codes[:, 1] - codes[:, 0])))


# %% count-first
# points: 6
dense = 10 * 16 + 16
counted = {
    "pair": [dense + 33, 3],
    "separate": [2 * dense + 33, 3],
    "trunk": [dense + 17 + 51, 3],
    "again": [dense + 17 + 51, 4],
    "stack": [10 * 11, 3],
    "inside": [3 * dense + 17, 4],
    "nested": [dense + 33, 6],
}


# %% share-trunk
# points: 5
def two_heads(trunk):
    picture = keras.Input((8, 8, 1))
    code = keras.Sequential([keras.Input((8, 8, 1)), trunk])(picture)
    heads = {
        "digit": keras.Sequential([layers.Dense(10), layers.Softmax()]),
        "even": keras.Sequential([layers.Dense(1), layers.Activation("sigmoid")]),
    }
    return keras.Model(picture, {name: head(code) for name, head in heads.items()})


# %% tied-autoencoder
# points: 6
@keras.saving.register_keras_serializable("answers")
class ThereAndBack(layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self.weight = self.add_weight(shape=(self.size, 64), initializer="glorot_uniform")
        self.inner = self.add_weight(shape=(self.size,), initializer="zeros")
        self.outer = self.add_weight(shape=(64,), initializer="zeros")

    def call(self, rows):
        code = keras.ops.relu(keras.ops.einsum("nd,kd->nk", rows, self.weight) + self.inner)
        return keras.ops.einsum("nk,kd->nd", code, self.weight) + self.outer

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def tied_autoencoder(size):
    rows = keras.Input((64,))
    return keras.Model(rows, ThereAndBack(size)(rows))


# %% custom-layer
# points: 6
@keras.saving.register_keras_serializable()
class Closeness(layers.Layer):
    def __init__(self, count, sharpness=1.0, **settings):
        super().__init__(**settings)
        self.settings = {"count": count, "sharpness": sharpness}

    def build(self, shape):
        self.places = self.add_weight(
            shape=(self.settings["count"], shape[-1]), initializer=keras.initializers.RandomUniform(seed=1)
        )

    def call(self, rows):
        apart = keras.ops.norm(rows[:, None, :] - self.places[None], axis=-1)
        return keras.ops.exp(-self.settings["sharpness"] * keras.ops.square(apart))

    def get_config(self):
        return super().get_config() | dict(self.settings)


# %% three-towers
# points: 6
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
tower = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
    ]
)
codes = layers.TimeDistributed(tower)(keras.ops.stack([anchor, first, second], axis=1))
apart = layers.Flatten()(keras.ops.abs(codes[:, :1] - codes[:, 1:]))
nearer = layers.Dense(1, activation="sigmoid")(apart)
three_towers = keras.Model(
    [anchor, first, second], {"nearer": nearer, "digit": layers.Dense(10, "softmax")(codes[:, 0])}
)


# %% measure-sharing
# points: 6
def measure(seeds, images, answers):
    def build(encoders):
        return lambda: make_matcher(encoders)

    found = np.zeros((2, len(seeds)))
    for row, encoders in enumerate((1, 2)):
        runs = trained(build(encoders), few_pairs, few_answers, epochs=6, batch_size=32, seeds=list(seeds))
        for place, model in enumerate(runs):
            said = model.predict_on_batch(images).squeeze() >= 0.5
            found[row, place] = np.count_nonzero(said == (answers == 1)) / len(answers)
    return {"one": found[0], "two": found[1]}


def decide(scores):
    names = list(scores)
    table = np.array([scores[name] for name in names])
    means, spreads = table.mean(axis=1), table.std(axis=1, ddof=1)
    lead = means[1] - means[0]
    return {
        "mean": dict(zip(names, means.tolist(), strict=True)),
        "spread": dict(zip(names, spreads.tolist(), strict=True)),
        "better": names[int(lead > 0)] if abs(lead) > spreads.max() else None,
    }


# %% own-pairs
# points: 6
def my_data():
    from sklearn.datasets import load_iris

    rows, kinds = load_iris(return_X_y=True)
    numbers = np.random.default_rng(8)
    order = numbers.permutation(150)

    def paired(flowers, count):
        # Less, the same or more: which of the two has the larger class.
        a, b = numbers.choice(flowers, size=(2, count))
        return {"a": rows[a], "b": rows[b]}, 1 + np.sign(kinds[a] - kinds[b])

    return paired(order[:100], 500), paired(order[100:], 200)


def my_model(x_train, y_train):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    encoder = keras.Sequential([layers.Dense(8, activation="tanh"), layers.Dense(2)])
    both = layers.concatenate([encoder(b), encoder(a)])
    hidden = layers.Dense(16, activation="relu")(both)
    model = keras.Model({"a": a, "b": b}, layers.Dense(3, activation="softmax")(hidden))
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=8, batch_size=20, verbose=0)
    return model
