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


# %% measure-skips
# points: 6
def measure(seeds, images, labels):
    def build(skips):
        return lambda: make_deep(skips)

    found = np.zeros((2, len(seeds)))
    for row, skips in enumerate((False, True)):
        runs = trained(build(skips), few_images, few_labels, epochs=3, batch_size=32, seeds=list(seeds))
        for place, model in enumerate(runs):
            answers = model.predict_on_batch(images).argmax(axis=1)
            found[row, place] = np.count_nonzero(answers == labels) / len(labels)
    return {"plain": found[0], "skips": found[1]}


def decide(scores):
    names = list(scores)
    table = np.array([scores[name] for name in names])
    means, spreads = table.mean(axis=1), table.std(axis=1, ddof=1)
    lead = means[1] - means[0]
    better = None
    if abs(lead) > spreads.max():
        better = names[int(lead > 0)]
    return {
        "mean": dict(zip(names, means.tolist(), strict=True)),
        "spread": dict(zip(names, spreads.tolist(), strict=True)),
        "better": better,
    }


# %% own-data
# points: 6
class Past(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units, activation="relu")

    def call(self, x):
        return self.dense(x)


def my_data():
    from sklearn.datasets import load_wine

    bunch = load_wine()
    order = np.random.default_rng(5).permutation(len(bunch.target))
    rows = (bunch.data - bunch.data.mean(axis=0)) / bunch.data.std(axis=0)
    train, test = order[:120], order[120:]
    return (rows[train], bunch.target[train]), (rows[test], bunch.target[test])


def my_model(x_train, y_train):
    entry = keras.Input(x_train.shape[1:])
    inner = keras.Input((13,))
    nested = keras.Model(inner, layers.Add()([Past(13)(inner), inner]))
    model = keras.Model(entry, layers.Dense(3)(nested(entry)))
    model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x_train, y_train, epochs=6, batch_size=10, verbose=0)
    return model
