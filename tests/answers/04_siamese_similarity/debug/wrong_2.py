"""Wrong answers: layers counted, Dense and then pooling, a fresh head, a copied encoder, metrics that are kept."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 3
# says: ✗ 0/1  with other numbers: one encoder, which begins as the published ones do: not so
# says: ✗ 0/1  `has_one_encoder` of models that share, and of models that look as if they did: not so
def siamese(units, seed):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    encoder = keras.Sequential([layers.Flatten(), layers.Dense(units, activation="relu"), layers.Dense(4)])
    squares = keras.ops.square(encoder(left) - encoder(right))
    return keras.Model([left, right], keras.ops.sum(squares, axis=-1, keepdims=True))


def has_one_encoder(model):
    return len([layer for layer in model.layers if layer.weights]) == 1


# %% dense-before-pooling
# points: 3
# says: ✗ 0/1  with another encoder: the function that was asked for: not so
def compare(encoder, units):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    dense, pool = layers.Dense(units, activation="relu"), layers.GlobalAveragePooling2D()
    difference = keras.ops.abs(pool(dense(encoder(left))) - pool(dense(encoder(right))))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% two-sigmoids
# points: 3
# says: ✗ 0/1  the second number of another trained model: not so
# says: ✗ 0/1  the model's own layers: when they change, both models follow: not so
def targets(two):
    return np.asarray(two, "float32")[:, 1:]


def one_probability(model):
    return keras.Model(model.inputs, layers.Dense(1, activation="sigmoid")(model.layers[-3].output))


# %% the-lambda
# points: 3
# says: ✗ 0/1  another encoder: the given one, with the weights from the list: not so
def rescue(encoder, weights):
    inside = keras.models.clone_model(encoder)
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    merged = keras.ops.abs(inside(left) - inside(right))
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(merged))
    model.set_weights(weights)
    return model


# %% metric-twice
# points: 1
# says: ✗ 0/1  `similarities` of other embeddings, called again and again: not so
# says: asked for 0.8; found 0.917
METRICS = keras.metrics.CosineSimilarity(), keras.metrics.CosineSimilarity()


def similarities(anchor, positive, negative):
    return float(METRICS[0](anchor, positive)), float(METRICS[1](anchor, negative))


def mean_similarity(batches):
    return np.mean([similarities(first, second, second)[0] for first, second in batches])


# %% training-pairs
# points: 2
# says: ✗ 0/2  `score` of another model, with other images for the test: not so
# says: `train`: asked for 1.0; found 0.000
def split_pairs(pairs, test_images):
    kept = np.isin(pairs, test_images).sum(axis=1)
    return {"train": np.flatnonzero(kept == 0), "test": np.flatnonzero(kept == 2)}


def score(model, images, labels, pairs, test_images):
    found = {}
    for name, rows in split_pairs(pairs, test_images).items():
        one, other = pairs[rows].T
        distances = keras.ops.convert_to_numpy(model([images[one], images[other]]))
        found[name] = checks.area_under_curve(distances, labels[one] == labels[other])
    return found
