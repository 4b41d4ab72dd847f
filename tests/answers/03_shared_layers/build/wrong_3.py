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
# says: ✗ 0/1  each head reads the trunk's code, also after the trunk has learned: AttributeError
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
