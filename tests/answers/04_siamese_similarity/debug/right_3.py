"""Right answers: weights changed one by one, a reshaped pooling, an initializer, a layer class, SciPy, sets."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 5
def siamese(units, seed):
    encoder = published_siamese(units, seed).get_layer("encoder_of_left")
    right, left = keras.Input(shape=(8, 8, 1), name="right"), keras.Input(shape=(8, 8, 1), name="left")
    gap = layers.subtract([encoder(left), encoder(right)])
    return keras.Model(inputs=(left, right), outputs=keras.ops.sum(keras.ops.power(gap, 2), axis=[-1], keepdims=True))


def has_one_encoder(model):
    kept = model.get_weights()
    rng = np.random.default_rng(seed=7)
    images = keras.ops.convert_to_tensor(rng.normal(size=(40, 8, 8, 1)), "float32")

    def apart():
        return float(keras.ops.max(keras.ops.abs(model([images, images], training=False)))) > 1.5e-3

    one = not apart()
    for _ in range(4):
        for weight in model.weights:
            weight.assign(rng.normal(size=weight.shape))
            one = one and not apart()
    model.set_weights(kept)
    return one


# %% dense-before-pooling
# points: 4
def compare(encoder, units):
    _, height, width, channels = encoder.output_shape
    rows, mean = layers.Reshape((height * width, channels)), layers.GlobalAveragePooling1D()
    codes, entries = [], []
    for name in ("left", "right"):
        entries.append(keras.Input(batch_shape=encoder.input_shape, name=name))
        codes.append(mean(rows(encoder(entries[-1]))))
    apart = keras.ops.absolute(keras.ops.subtract(*codes))
    hidden = layers.ReLU()(layers.Dense(units=units)(apart))
    return keras.Model(inputs=entries, outputs=[layers.Dense(units=1, activation="sigmoid")(hidden)])


# %% two-sigmoids
# points: 5
def targets(two):
    return np.dot(two, np.array([[0.0], [1.0]]))


def one_probability(model):
    published = model.layers[-2]
    kernel, bias = (np.split(each, 2, axis=-1)[1] for each in published.get_weights())
    same = layers.Dense(
        units=1,
        activation="sigmoid",
        kernel_initializer=lambda shape, dtype=None: keras.ops.convert_to_tensor(kernel),
        bias_initializer=lambda shape, dtype=None: keras.ops.convert_to_tensor(bias),
    )
    return keras.Model(inputs=model.inputs, outputs=same(published.input))


# %% the-lambda
# points: 4
@keras.saving.register_keras_serializable(package="rescued")
class Apart(layers.Layer):
    def call(self, left, right):
        return keras.ops.abs(left - right)


def rescue(encoder, weights):
    left = keras.Input(batch_shape=encoder.input_shape, name="left")
    right = keras.Input(batch_shape=encoder.input_shape, name="right")
    dense = layers.Dense(units=1, activation="sigmoid")
    model = keras.Model(inputs=(left, right), outputs=dense(Apart()(encoder(left), encoder(right))))
    for weight, array in zip(encoder.weights + dense.weights, weights, strict=True):
        weight.assign(array)
    return model


# %% metric-twice
# points: 4
def similarities(anchor, positive, negative):
    from scipy.spatial.distance import cosine

    def mean_of(other):
        return np.mean([1 - cosine(*rows) for rows in zip(anchor, other, strict=True)])

    return tuple(map(mean_of, (positive, negative)))


def mean_similarity(batches):
    loss = keras.losses.CosineSimilarity(axis=-1, reduction="sum_over_batch_size")
    means = [-keras.ops.convert_to_numpy(loss(first, second)) for first, second in batches]
    return np.average(means, weights=[len(first) for first, _ in batches])


# %% training-pairs
# points: 5
def split_pairs(pairs, test_images):
    kept = frozenset(int(image) for image in test_images)
    rows = [{int(one), int(other)} for one, other in pairs]
    return {
        "test": np.array([place for place, row in enumerate(rows) if row <= kept], dtype="int64"),
        "train": np.array([place for place, row in enumerate(rows) if row.isdisjoint(kept)], dtype="int64"),
    }


def score(model, images, labels, pairs, test_images):
    def share_in_order(rows):
        left, right = pairs[rows, 0], pairs[rows, 1]
        apart = model.predict_on_batch([images[left], images[right]])[:, 0]
        near, far = apart[labels[left] == labels[right]], apart[labels[left] != labels[right]]
        signs = np.sign(np.subtract.outer(far, near))
        return float(np.mean(signs) + 1) / 2

    split = split_pairs(pairs, test_images)
    return {"train": share_in_order(split["train"]), "test": share_in_order(split["test"])}
