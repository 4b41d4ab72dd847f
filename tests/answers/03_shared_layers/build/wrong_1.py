"""Wrong answers: copies in place of sharing, calls in place of tensors, settings that get lost."""
# ruff: noqa: F821


# %% share-encoder
# points: 1
# says: asked for 4,721 parameters; found 9,425
# says: ✗ 0/1  exchanging the two images changes nothing: asked for the same outputs when two inputs are exchanged
# says: ✗ 0/1  another encoder is called twice, once for each image: not so
def compare(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    other = keras.Sequential([keras.models.clone_model(encoder)])
    difference = keras.ops.abs(encoder(left) - other(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% count-first
# points: 2
# says: `pair`: parameters and computed dense layers: the number of parameters is not 385
# says: ✗ 0/1  `trunk` and `again`: parameters: not so
# says: ✗ 0/1  `nested`: parameters and computed dense layers: not so
counted = {
    "pair": (385, 3),
    "separate": (385, 3),
    "trunk": (244, 3),
    "again": (420, 4),
    "stack": (330, 3),
    "inside": (545, 4),
    "nested": (770, 6),
}


# %% share-trunk
# points: 3
# says: ✗ 0/2  for each batch another trunk computes once, for both heads: not so
def two_heads(trunk):
    image = keras.Input((8, 8, 1))
    digit = layers.Dense(10, activation="softmax")(trunk(image))
    even = layers.Dense(1, activation="sigmoid")(trunk(image))
    return keras.Model(image, {"digit": digit, "even": even})


# %% tied-autoencoder
# points: 1
# says: asked for 1,104 parameters; found 2,128
# says: ✗ 0/1  the decoder follows when the weights change: not so
def tied_autoencoder(size):
    rows = keras.Input((64,))
    return keras.Model(rows, layers.Dense(64)(layers.Dense(size, activation="relu")(rows)))


# %% custom-layer
# points: 4
# says: ✗ 0/1  `from_config` makes the same layer again, with points of its own: not so
# says: ✗ 0/1  a model that shares one is saved and loaded, without `custom_objects`: not so
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
        return keras.ops.exp(-self.sharpness * keras.ops.sum(difference**2, axis=-1))

    def get_config(self):
        return {**super().get_config(), "count": self.count}


# %% three-towers
# points: 3
# says: ✗ 0/1  `digit` depends on `anchor` alone, `nearer` on all three: not so
# says: ✗ 0/2  the whole is the function in the picture: not so
anchor, first, second = (keras.Input((8, 8, 1), name=name) for name in ("anchor", "first", "second"))
tower = keras.Sequential(
    [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(16, activation="relu")]
)
a, b, c = tower(anchor), tower(first), tower(second)
joined = layers.Concatenate()([keras.ops.abs(a - b), keras.ops.abs(a - c)])
nearer, digit = layers.Dense(1, activation="sigmoid")(joined), layers.Dense(10, activation="softmax")(b)
three_towers = keras.Model([anchor, first, second], {"nearer": nearer, "digit": digit})


# %% measure-sharing
# points: 2
# says: they differ between seeds: asked for scores for 'one' that differ between seeds; found
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
def measure(seeds, images, answers):
    scores = {}
    for name, encoders in (("one", 1), ("two", 2)):
        keras.utils.set_random_seed(seeds[0])
        model = make_matcher(encoders)
        model.fit(few_pairs, few_answers, epochs=6, batch_size=32, verbose=0)
        score = np.mean((model.predict(images, verbose=0)[:, 0] > 0.5) == answers)
        scores[name] = [float(score) for _ in seeds]
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-pairs
# points: 5
# says: a functional model with two inputs by name, and one encoder for both: asked for one encoder for 'left' and for
def my_data():
    train, test = pairs.load_data("greater", train=600, test=200)
    return tuple(({"left": side.left, "right": side.right}, side.answers.astype("int64")) for side in (train, test))


def my_model(x_train, y_train):
    entries = [keras.Input((8, 8, 1), name=name) for name in x_train]
    ratings = [layers.Dense(1)(layers.Dense(16, activation="relu")(layers.Flatten()(entry))) for entry in entries]
    model = keras.Model(entries, keras.ops.sigmoid(ratings[0] - ratings[1]))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=4, batch_size=20, verbose=0)
    return model
