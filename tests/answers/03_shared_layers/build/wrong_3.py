"""Wrong answers: a sign that tells the sides apart, biases forgotten, nameless outputs, one call too many."""
# ruff: noqa: F821


# %% share-encoder
# points: 4
# says: ✗ 0/1  exchanging the two images changes nothing: asked for the same outputs when two inputs are exchanged
# says: ✗ 0/1  the function that was asked for, also after the encoder has learned: not so
def compare(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    difference = layers.Subtract()([encoder(left), encoder(right)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% count-first
# points: 1
# says: `pair`: parameters and computed dense layers: the number of parameters is not 192
counted = {
    "pair": (192, 3),
    "separate": (352, 3),
    "trunk": (224, 3),
    "again": (224, 4),
    "stack": (100, 3),
    "inside": (496, 4),
    "nested": (192, 6),
}


# %% share-trunk
# points: 3
# says: asked for 2 outputs of shape 'digit' (None, 10), 'even' (None, 1); found
# says: ✗ 0/1  each head reads the trunk's embedding, also after the trunk has learned: AttributeError
def two_heads(trunk):
    image = keras.Input((8, 8, 1))
    code = trunk(image)
    heads = [layers.Dense(10, activation="softmax"), layers.Dense(1, activation="sigmoid")]
    return keras.Model(image, [head(code) for head in heads])


# %% tied-autoencoder
# points: 5
# says: ✗ 0/1  saved and loaded, it computes the same and is still tied: not so
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
        return keras.ops.matmul(code, keras.ops.transpose(self.kernel)) + self.outer


def tied_autoencoder(size):
    rows = keras.Input((64,))
    return keras.Model(rows, TwoWay(size)(rows))


# %% custom-layer
# points: 2
# says: the closeness of two rows to two points: asked for [[1.0, 0.1353], [0.3679, 0.3679]]
# says: ✗ 0/1  `from_config` makes the same layer again, with points of its own: TypeError
@keras.saving.register_keras_serializable("answers")
class Closeness(layers.Layer):
    def __init__(self, count, sharpness=1.0):
        super().__init__()
        self.count = count
        self.sharpness = sharpness

    def build(self, input_shape):
        self.points = self.add_weight(shape=(self.count, input_shape[-1]), initializer="random_normal")

    def call(self, inputs):
        difference = keras.ops.expand_dims(inputs, 1) - self.points
        return keras.ops.exp(-self.sharpness * keras.ops.norm(difference, axis=-1))

    def get_config(self):
        return {**super().get_config(), "count": self.count, "sharpness": self.sharpness}


# %% three-towers
# points: 5
# says: ✗ 0/1  one convolution, called once for each image: not so
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
tower = keras.Sequential(
    [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")]
)
code = tower(anchor)
joined = layers.Concatenate()([keras.ops.abs(code - tower(first)), keras.ops.abs(code - tower(second))])
nearer = layers.Dense(1, activation="sigmoid")(joined)
digit = layers.Dense(10, activation="softmax")(tower(anchor))
three_towers = keras.Model([anchor, first, second], {"nearer": nearer, "digit": digit})


# %% measure-sharing
# points: 5
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so: the same seed
def measure(seeds, images, answers):
    scores = {"one": [], "two": []}
    # Once: what a later seed gives depends on those before it.
    keras.utils.set_random_seed(seeds[0])
    for _ in seeds:
        for encoders, found in enumerate(scores.values(), start=1):
            model = make_matcher(encoders)
            model.fit(few_pairs, few_answers, epochs=6, batch_size=32, verbose=0)
            found.append(float(np.mean((model.predict_on_batch(images)[:, 0] > 0.5) == answers)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-pairs
# points: 3
# says: ✗ 0/2  on the pairs held out it beats the baseline: asked for at least
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so
def my_data():
    numbers = np.random.default_rng(9)
    first, second = numbers.normal(size=(2, 400, 3)).astype("float32")
    label = (first[:, 0] > second[:, 0]).astype("int64")
    sides = {"first": first, "second": second}
    return ({name: rows[:300] for name, rows in sides.items()}, label[:300]), (
        {name: rows[300:] for name, rows in sides.items()},
        label[300:],
    )


def my_model(x_train, y_train):
    first, second = keras.Input((3,), name="first"), keras.Input((3,), name="second")
    shared = layers.Dense(4, activation="relu")
    distance = layers.Dense(1, kernel_initializer="zeros")(keras.ops.abs(shared(first) - shared(second)))
    model = keras.Model([first, second], keras.ops.sigmoid(distance))
    model.compile(keras.optimizers.SGD(1e-6), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=1, batch_size=30, verbose=0)
    return model
