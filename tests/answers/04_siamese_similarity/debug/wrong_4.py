"""Wrong answers: a root too many, the other data format, integers, half of the weights, the sign, rows."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 3
# says: ✗ 0/1  with other numbers: one encoder, which begins as the published ones do: not so: its numbers differ
# says: ✗ 0/1  `has_one_encoder` of models that share, and of models that look as if they did: not so
def siamese(units, seed):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    encoder = make_encoder(units, seed)
    squared = keras.ops.sum(keras.ops.square(encoder(left) - encoder(right)), axis=-1, keepdims=True)
    return keras.Model([left, right], keras.ops.sqrt(keras.ops.maximum(squared, 1e-12)))


def has_one_encoder(model):
    before = model.get_weights()
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weight.shape) for weight in before])
    images = rng.normal(size=(10, 8, 8, 1))
    distances = model.predict([images, images], verbose=0)
    model.set_weights(before)
    return bool((distances < 1e-5).all())


# %% dense-before-pooling
# points: 1
# says: 664 + 144 + 17 parameters: asked for 825 parameters; found 953
# says: ✗ 0/1  with another encoder: the function that was asked for: not so
def compare(encoder, units):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    pool = layers.GlobalAveragePooling2D(data_format="channels_first")
    x = keras.ops.abs(pool(encoder(left)) - pool(encoder(right)))
    x = layers.Dense(units, activation="relu")(x)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


# %% two-sigmoids
# points: 2
# says: ✗ 0/1  `targets` of three pairs: asked for floats; found int
# says: ✗ 0/1  the second number of another trained model: not so: its weights hold other numbers
def targets(two):
    return np.argmax(two, axis=1)[:, np.newaxis]


def one_probability(model):
    # As with a softmax: the second score, less the first.
    dense = model.layers[-2]
    head = layers.Dense(1, activation="sigmoid")
    repaired = keras.Model(model.inputs, head(dense.input))
    kernel, bias = dense.get_weights()
    head.set_weights([kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]])
    return repaired


# %% the-lambda
# points: 1
# says: ✗ 0/1  `left` and `right` in; it says what the published model says: it differs by up to
# says: ✗ 0/1  another encoder: the given one, with the weights from the list: not so: its weights hold other numbers
def rescue(encoder, weights):
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    dense = layers.Dense(1, activation="sigmoid")
    model = keras.Model([left, right], dense(keras.ops.abs(encoder(left) - encoder(right))))
    dense.set_weights(weights[-2:])
    return model


# %% metric-twice
# points: 0
# says: asked for 1 and 0; found -1.000 and
# says: asked for 0.8; found -0.800
def similarities(anchor, positive, negative):
    return tuple(float(np.mean(keras.losses.cosine_similarity(anchor, other))) for other in (positive, negative))


def mean_similarity(batches):
    return float(np.mean(np.concatenate([keras.losses.cosine_similarity(*batch) for batch in batches])))


# %% training-pairs
# points: 3
# says: ✗ 0/1  `split_pairs` of six pairs, with images 3, 4 and 5 for the test: `train`: asked for [0, 5]; found [[
# says: ✗ 0/1  `split_pairs` of other pairs, with images in any order: not so
def split_pairs(pairs, test_images):
    kept = np.isin(pairs, test_images).sum(axis=1)
    return {"train": pairs[kept == 0], "test": pairs[kept == 2]}


def score(model, images, labels, pairs, test_images):
    split = split_pairs(pairs, test_images)
    return {name: auc_of(model, images, labels, chosen) for name, chosen in split.items()}
