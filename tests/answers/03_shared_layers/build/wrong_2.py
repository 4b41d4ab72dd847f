"""Wrong answers: concatenated codes, heads on heads, a transpose that is a constant, an unregistered layer."""
# ruff: noqa: F821


# %% share-encoder
# points: 2
# says: asked for 4,721 parameters; found 4,737
# says: ✗ 0/1  exchanging the two images changes nothing: asked for the same outputs when two inputs are exchanged
def compare(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    both = layers.concatenate([encoder(left), encoder(right)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(both))


# %% count-first
# points: 2
# says: `pair`: parameters and computed dense layers: the number of computed dense layers is not 2
# says: ✗ 0/1  `trunk` and `again`: computed dense layers: not so
counted = {
    "pair": (209, 2),
    "separate": (385, 3),
    "trunk": (244, 3),
    "again": (244, 3),
    "stack": (110, 1),
    "inside": (545, 4),
    "nested": (209, 2),
}


# %% share-trunk
# points: 1
# says: asked for 3,499 parameters; found 3,477
def two_heads(trunk):
    image = keras.Input((8, 8, 1))
    digit = layers.Dense(10, activation="softmax", name="digit")(trunk(image))
    even = layers.Dense(1, activation="sigmoid", name="even")(digit)
    return keras.Model(image, {"digit": digit, "even": even})


# %% tied-autoencoder
# points: 3
# says: ✗ 0/1  the decoder follows when the weights change: not so
# says: ✗ 0/1  still tied after training, and every weight has moved: not so
@keras.saving.register_keras_serializable("answers")
class Offset(layers.Layer):
    def build(self, input_shape):
        self.offset = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs):
        return inputs + self.offset


def tied_autoencoder(size):
    rows = keras.Input((64,))
    encoder = layers.Dense(size, activation="relu")
    code = encoder(rows)
    return keras.Model(rows, Offset()(keras.ops.matmul(code, keras.ops.transpose(encoder.kernel))))


# %% custom-layer
# points: 4
# says: ✗ 0/1  points begin apart, and training moves them: not so
# says: ✗ 0/1  a model that shares one is saved and loaded, without `custom_objects`: not so
class Closeness(layers.Layer):
    def __init__(self, count, sharpness=1.0, **kwargs):
        super().__init__(**kwargs)
        self.count = count
        self.sharpness = sharpness

    def build(self, input_shape):
        self.points = self.add_weight(shape=(self.count, input_shape[-1]), initializer="zeros")

    def call(self, inputs):
        difference = keras.ops.expand_dims(inputs, 1) - self.points
        return keras.ops.exp(-self.sharpness * keras.ops.sum(difference**2, axis=-1))

    def get_config(self):
        return {**super().get_config(), "count": self.count, "sharpness": self.sharpness}


# %% three-towers
# points: 2
# says: asked for 4,907 parameters; found 14,315
# says: ✗ 0/1  one convolution, called once for each image: not so
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
codes = []
for image in (anchor, first, second):
    tower = keras.Sequential(
        [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")]
    )
    codes.append(tower(image))
joined = layers.Concatenate()([keras.ops.abs(codes[0] - codes[1]), keras.ops.abs(codes[0] - codes[2])])
nearer, digit = layers.Dense(1, activation="sigmoid")(joined), layers.Dense(10, activation="softmax")(codes[0])
three_towers = keras.Model([anchor, first, second], {"nearer": nearer, "digit": digit})


# %% measure-sharing
# points: 3
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for None as `better`
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
def measure(seeds, images, answers):
    scores = {}
    for name, encoders in (("one", 1), ("two", 2)):
        runs = trained(
            lambda encoders=encoders: make_matcher(encoders),
            few_pairs,
            few_answers,
            epochs=6,
            batch_size=32,
            seeds=seeds,
        )
        scores[name] = [
            float(np.mean((model.predict_on_batch(few_pairs)[:, 0] > 0.5) == few_answers)) for model in runs
        ]
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get)}


# %% own-pairs
# points: 2
# says: ✗ 0/1  what is held out was not seen: at most one pair in ten is in both parts: asked for at most 10% of
# says: ✗ 0/2  on the pairs held out it beats the baseline: asked for at most 10% of
def my_data():
    train, _ = pairs.load_data("greater", train=400, test=200)
    first, last = slice(0, 300), slice(200, 300)
    return tuple(
        ({"left": train.left[part], "right": train.right[part]}, train.answers[part].astype("int64"))
        for part in (first, last)
    )


def my_model(x_train, y_train):
    entries = [keras.Input((8, 8, 1), name=name) for name in x_train]
    encoder = keras.Sequential([layers.Flatten(), layers.Dense(1)])
    model = keras.Model(entries, keras.ops.sigmoid(encoder(entries[0]) - encoder(entries[1])))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=4, batch_size=20, verbose=0)
    return model
