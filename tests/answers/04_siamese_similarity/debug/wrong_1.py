"""Wrong answers: weights copied once, pooled differences, a column cut off, a safe mode switched off, one metric."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 0
# says: asked for 1,108 parameters; found 2,216
# says: asked for False for the published model; found True
def siamese(units, seed):
    model = published_siamese(units, seed)
    one, other = (model.get_layer(f"encoder_of_{side}") for side in ("left", "right"))
    other.set_weights(one.get_weights())
    return model


def has_one_encoder(model):
    images = np.random.default_rng(0).normal(size=(4, 8, 8, 1))
    return float(keras.ops.max(model([images, images]))) < 1e-5


# %% dense-before-pooling
# points: 2
# says: ✗ 0/1  one place further to the right, the answer stays: the answer changes by up to
# says: ✗ 0/1  with another encoder: the function that was asked for: not so
def compare(encoder, units):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    x = layers.GlobalAveragePooling2D()(keras.ops.abs(encoder(left) - encoder(right)))
    x = layers.Dense(units, activation="relu")(x)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


# %% two-sigmoids
# points: 1
# says: asked for 581 parameters; found 588
# says: ✗ 0/1  the second number of another trained model: not so
def targets(two):
    return np.asarray(two, "float32")[:, [1]]


def one_probability(model):
    return keras.Model(model.inputs, model.outputs[0][:, 1:])


# %% the-lambda
# points: 2
# says: ✗ 0/1  saved and loaded, it computes the same, without a `Lambda`: asked for 0 Lambda layers; found 1
# says: ✗ 0/1  saved and loaded: the same numbers, still one encoder, and no `Lambda`: not so
def rescue(encoder, weights):
    model = published_difference(encoder)
    model.set_weights(weights)
    return model


# %% metric-twice
# points: 2
# says: asked for 1 and 0; found 1.000 and 0.500
# says: ✗ 0/1  `similarities` of other embeddings, called again and again: not so
def similarities(anchor, positive, negative):
    cosine = keras.metrics.CosineSimilarity()
    cosine.update_state(anchor, positive)
    first = float(cosine.result())
    cosine.update_state(anchor, negative)
    return first, float(cosine.result())


def mean_similarity(batches):
    cosine = keras.metrics.CosineSimilarity()
    for first, second in batches:
        similarity = cosine(first, second)
    return float(similarity)


# %% training-pairs
# points: 0
# says: `test`: asked for [1, 4]; found [1, 2, 3, 4]
# says: ✗ 0/2  `score` of another model, with other images for the test: not so
def split_pairs(pairs, test_images):
    kept = np.isin(pairs, test_images)
    return {"train": np.flatnonzero(~kept.any(axis=1)), "test": np.flatnonzero(kept.any(axis=1))}


def score(model, images, labels, pairs, test_images):
    split = split_pairs(pairs, test_images)
    return {name: auc_of(model, images, labels, pairs[rows]) for name, rows in split.items()}
