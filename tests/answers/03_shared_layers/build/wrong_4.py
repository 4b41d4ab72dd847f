"""Wrong answers: an encoder made anew, a joined width forgotten, squashed outputs, a mean for a sum, a global."""
# ruff: noqa: F821


# %% share-encoder
# points: 3
# says: ✗ 0/1  another encoder is called twice, once for each image: not so: it doesn't hold what it was given
def compare(encoder):
    encoder = make_encoder()
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% count-first
# points: 3
# says: `pair`: parameters and computed dense layers: the number of parameters is not 193
# says: ✗ 0/1  `nested`: parameters and computed dense layers: not so
counted = {
    # The embeddings are joined, so the head has 16 weights and a bias.
    "pair": (176 + 17, 3),
    "separate": (2 * 176 + 17, 3),
    "trunk": (176 + 17 + 51, 3),
    "again": (176 + 17 + 51, 4),
    "stack": (110, 3),
    "inside": (3 * 176 + 17, 4),
    "nested": (2 * (176 + 17), 6),
}


# %% share-trunk
# points: 4
# says: ✗ 0/1  each head reads the trunk's embedding, also after the trunk has learned: not so: an activation differs
def two_heads(trunk):
    image = keras.Input((8, 8, 1))
    code = trunk(image)
    heads = {"digit": layers.Dense(10, activation="softmax"), "even": layers.Dense(1, activation="softmax")}
    return keras.Model(image, {name: head(code) for name, head in heads.items()})


# %% tied-autoencoder
# points: 2
# says: ✗ 0/1  the function that was asked for, with another code: not so: an activation differs
@keras.saving.register_keras_serializable("answers")
class TwoWay(layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(64, self.size))
        self.inner = self.add_weight(shape=(self.size,), initializer="zeros")
        self.outer = self.add_weight(shape=(64,), initializer="zeros")

    def call(self, inputs):
        code = keras.ops.relu(keras.ops.matmul(inputs, self.kernel) + self.inner)
        return keras.ops.sigmoid(keras.ops.matmul(code, keras.ops.transpose(self.kernel)) + self.outer)

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def tied_autoencoder(size):
    rows = keras.Input((64,))
    return keras.Model(rows, TwoWay(size)(rows))


# %% custom-layer
# points: 3
# says: ✗ 0/1  the closeness of two rows to two points: asked for [[1.0, 0.1353], [0.3679, 0.3679]]
# says: ✗ 0/1  other sizes and another sharpness, in `predict`, with any number of rows: not so
@keras.saving.register_keras_serializable("answers")
class Closeness(layers.Layer):
    def __init__(self, count, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.count = count
        self.sharpness = sharpness

    def build(self, input_shape):
        self.points = self.add_weight(shape=(self.count, input_shape[-1]), initializer="random_normal")

    def call(self, inputs):
        difference = keras.ops.expand_dims(inputs, 1) - self.points
        return keras.ops.exp(-self.sharpness * keras.ops.mean(difference**2, axis=-1))

    def get_config(self):
        return {**super().get_config(), "count": self.count, "sharpness": self.sharpness}


# %% three-towers
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
tower = keras.Sequential(
    [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")]
)
a, b, c = tower(anchor), tower(first), tower(second)
joined = layers.Concatenate()([keras.ops.abs(a - b), keras.ops.abs(b - c)])
nearer, digit = layers.Dense(1, activation="sigmoid")(joined), layers.Dense(10, activation="softmax")(a)
three_towers = keras.Model([anchor, first, second], {"nearer": nearer, "digit": digit})


# %% measure-sharing
# points: 4
# says: ✗ 0/1  made-up scores, far apart and close together, in either order
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
def measure(seeds, images, answers):
    scores = {}
    for name, encoders in (("one", 1), ("two", 2)):
        runs = trained(lambda n=encoders: make_matcher(n), few_pairs, few_answers, epochs=6, batch_size=32, seeds=seeds)
        said = [model.predict_on_batch(held_out_pairs)[:, 0] > 0.5 for model in runs]
        scores[name] = [float(np.mean(each == held_out_answers)) for each in said]
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > min(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-pairs
# points: 5
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so
def my_data():
    train, test = pairs.load_data("greater", train=600, test=200)
    return tuple(({"left": side.left, "right": side.right}, side.answers.astype("int64")) for side in (train, test))


def my_model(x_train, y_train):
    (x, y), _ = my_data()
    entries = [keras.Input((8, 8, 1), name=name) for name in ("left", "right")]
    encoder = keras.Sequential([layers.Flatten(), layers.Dense(16, activation="relu"), layers.Dense(1)])
    model = keras.Model(entries, keras.ops.sigmoid(encoder(entries[0]) - encoder(entries[1])))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(x, y, epochs=6, batch_size=20, verbose=0)
    return model
