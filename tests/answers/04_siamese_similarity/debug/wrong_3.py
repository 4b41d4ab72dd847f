"""Wrong answers: weights left behind, the maximum of the maps, the other column, a mean of means, pairs half known."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 4
# says: ✗ 0/1  `has_one_encoder` leaves the weights as they were: not so
def siamese(units, seed):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    encoder = make_encoder(units, seed)
    apart = encoder(left) - encoder(right)
    return keras.Model([left, right], keras.ops.sum(apart * apart, axis=-1, keepdims=True))


def has_one_encoder(model):
    numbers = np.random.default_rng(0)
    model.set_weights([numbers.normal(size=weight.shape) for weight in model.get_weights()])
    images = numbers.normal(size=(4, 8, 8, 1))
    return float(keras.ops.max(model([images, images]))) < 1e-3


# %% dense-before-pooling
# points: 3
# says: ✗ 0/1  with another encoder: the function that was asked for: not so
def compare(encoder, units):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    pool = layers.GlobalMaxPooling2D()
    x = layers.Dense(units, activation="relu")(keras.ops.abs(pool(encoder(left)) - pool(encoder(right))))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


# %% two-sigmoids
# points: 1
# says: asked for the shape (3, 1); found (3,)
# says: ✗ 0/1  the second number of another trained model: not so
def targets(two):
    return np.asarray(two, "float32")[:, 1]


def one_probability(model):
    dense = model.layers[-2]
    head = layers.Dense(1, activation="sigmoid")
    repaired = keras.Model(model.inputs, head(dense.input))
    kernel, bias = dense.get_weights()
    head.set_weights([kernel[:, :1], bias[:1]])
    return repaired


# %% the-lambda
# points: 1
# says: ✗ 0/1  `left` and `right` in; it says what the published model says: it differs by up to
# says: ✗ 0/1  another encoder: the given one, with the weights from the list: not so
def rescue(encoder, weights):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    merged = layers.Subtract()([encoder(left), encoder(right)])
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(merged))
    model.set_weights(weights)
    return model


# %% metric-twice
# points: 2
# says: asked for 0.8; found 0.500
# says: ✗ 0/1  `mean_similarity` of other batches, called again and again: not so
def similarities(anchor, positive, negative):
    return (
        float(keras.metrics.CosineSimilarity()(anchor, positive)),
        float(keras.metrics.CosineSimilarity()(anchor, negative)),
    )


def mean_similarity(batches):
    means = keras.metrics.Mean()
    for first, second in batches:
        means.update_state(keras.metrics.CosineSimilarity()(first, second))
    return float(means.result())


# %% training-pairs
# points: 2
# says: `test`: asked for 0.0; found
# says: ✗ 0/2  `score` of another model, with other images for the test: not so
def split_pairs(pairs, test_images):
    inside = np.isin(pairs, test_images)
    return {"train": np.flatnonzero(~inside.any(axis=1)), "test": np.flatnonzero(inside.all(axis=1))}


def score(model, images, labels, pairs, test_images):
    train = split_pairs(pairs, test_images)["train"]
    rest = np.setdiff1d(np.arange(len(pairs)), train)
    return {name: auc_of(model, images, labels, pairs[rows]) for name, rows in (("train", train), ("test", rest))}
