"""Right answers: a subclass inside, clones, a reshaped batch."""
# ruff: noqa: F821


# %% translate-to-functional
# points: 5
class Head(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drop = layers.Dropout(0.25)
        self.flatten = layers.Flatten()
        self.hidden = layers.Dense(32, activation="relu")
        self.digit = layers.Dense(10, activation="softmax")

    def call(self, features, training=None):
        return self.digit(self.hidden(self.flatten(self.drop(features, training=training))))


photos = keras.Input((8, 8, 1))
features = layers.MaxPooling2D()(layers.Conv2D(16, (3, 3), activation="relu")(photos))
functional = keras.Model(photos, Head()(features))

# %% translate-to-sequential
# points: 4
stack = keras.Sequential([keras.Input((8, 8, 1)), keras.models.clone_model(make_functional())])

# %% predict
# points: 7
convolution = 3 * 3 * 16 * 32 + 32
predicted = {
    "padded": ((None, 8, 8, 16), np.int64(160)),
    "pooled": ((None, 4, 4, 16), 0),
    "narrow": ((None, 2, 2, 32), convolution),
    "normal": ((None, 2, 2, 32), 32 * 4),
    "scores": ((None, 2, 2, 10), 33 * 10),
    "average": ((None, 10), 0),
    "pair": 160 + convolution + 128 + 330,
    "total": 160 + convolution + 128 + 330,
    "trainable": 160 + convolution + 64 + 330,
}


# %% copy-weights
# points: 5
def copy_weights(source, target):
    kept = target.get_weights()
    try:
        target.set_weights(source.get_weights())
    except ValueError:
        target.set_weights(kept)
        raise


def largest_difference(first, second, images):
    a, b = (keras.ops.convert_to_numpy(model(images)).astype("float64") for model in (first, second))
    largest = 0.0
    for difference in np.abs(a - b).ravel():
        if not difference <= largest:
            largest = float(difference)
            if np.isnan(largest):
                break
    return largest


# %% strip
# points: 4
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    one_by_one = keras.ops.reshape(strip, (-1, 8, 8, 1))
    return keras.Model(strip, layers.Reshape((4, 10))(keras.ops.reshape(classifier(one_by_one), (-1, 40))))


# %% two-branch
# points: 6
class Block(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.wide = layers.Conv2D(8, 3, padding="same", activation="relu")
        self.narrow = layers.Conv2D(8, 1, activation="relu")

    def call(self, stem):
        return stem + keras.ops.concatenate([self.narrow(stem), self.wide(stem)], axis=-1)


two_branch_input = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, padding="same")(two_branch_input)
x = layers.GlobalAveragePooling2D(keepdims=True)(Block()(layers.ReLU()(x)))
two_branch = keras.Model(two_branch_input, layers.Softmax()(layers.Dense(10)(layers.Flatten()(x))))
