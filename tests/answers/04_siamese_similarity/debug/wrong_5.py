"""Wrong answers: one image twice, all weights alike, signed means, the first column, no return, a reset too many."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 0
# says: after one step of training 0 to itself, and symmetric: training changes no weight
# says: asked for False for the published model; found True
def siamese(units, seed):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    encoder = make_encoder(units, seed)
    squares = keras.ops.square(encoder(left) - encoder(left))
    return keras.Model([left, right], keras.ops.sum(squares, axis=-1, keepdims=True))


def has_one_encoder(model):
    before = model.get_weights()
    model.set_weights([np.ones_like(weight) for weight in before])
    images = np.random.default_rng(0).normal(size=(10, 8, 8, 1))
    farthest = float(keras.ops.max(model([images, images], training=False)))
    model.set_weights(before)
    return farthest < 1e-2


# %% dense-before-pooling
# points: 3
# says: ✗ 0/1  with another encoder: the function that was asked for: not so: what joins two tensors differs
def compare(encoder, units):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    pool = layers.GlobalAveragePooling2D()
    x = layers.Dense(units, activation="relu")(pool(encoder(left)) - pool(encoder(right)))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


# %% two-sigmoids
# points: 2
# says: ✗ 0/1  `targets` of three pairs: asked for 0, 1, 0; found [1.0, 0.0, 1.0]
# says: ✗ 0/1  the model's own layers: when they change, both models follow: not so
def targets(two):
    return np.asarray(two, "float32")[:, :1]


def one_probability(model):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    dense = copy.layers[-2]
    head = layers.Dense(1, activation="sigmoid")
    repaired = keras.Model(copy.inputs, head(dense.input))
    kernel, bias = dense.get_weights()
    head.set_weights([kernel[:, 1:], bias[1:]])
    return repaired


# %% the-lambda
# points: 0
# says: it says what the published model says: asked for a keras.Model; found a NoneType
def rescue(encoder, weights):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    merged = keras.ops.abs(encoder(left) - encoder(right))
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(merged))
    model.set_weights(weights)


# %% metric-twice
# points: 0
# says: asked for 1 and 0; found 0.000 and 1.000
# says: asked for 0.8; found 0.000
def similarities(anchor, positive, negative):
    cosine = keras.metrics.CosineSimilarity()
    found = {}
    for name, other in (("positive", positive), ("negative", negative)):
        cosine.reset_state()
        found[name] = float(cosine(anchor, other))
    return tuple(found[name] for name in sorted(found))


def mean_similarity(batches):
    cosine = keras.metrics.CosineSimilarity()
    for first, second in batches:
        cosine.reset_state()
        cosine.update_state(first, second)
    return float(cosine.result())


# %% training-pairs
# points: 0
# says: `train`: asked for [0, 5]; found [0, 2, 5]
# says: ✗ 0/2  `score` of another model, with other images for the test: not so
def split_pairs(pairs, test_images):
    kept = np.isin(pairs[:, 0], test_images)
    return {"train": np.flatnonzero(~kept), "test": np.flatnonzero(kept)}


def score(model, images, labels, pairs, test_images):
    split = split_pairs(pairs, test_images)
    return {name: auc_of(model, images, labels, pairs[rows]) for name, rows in split.items()}
