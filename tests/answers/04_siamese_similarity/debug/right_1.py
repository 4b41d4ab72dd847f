"""Right answers: flat layers, a mean over axes, a slice of weights, a merging layer, sums by hand, sets of images."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 5
def siamese(units, seed):
    images = {"left": keras.Input((8, 8, 1), name="left"), "right": keras.Input((8, 8, 1), name="right")}
    hidden = layers.Dense(units, activation="relu", kernel_initializer=keras.initializers.GlorotUniform(seed))
    code = layers.Dense(4, kernel_initializer=keras.initializers.GlorotUniform(seed + 1))
    left, right = (code(hidden(layers.Flatten()(image))) for image in images.values())
    return keras.Model(images, keras.ops.sum((right - left) ** 2, axis=1, keepdims=True))


def has_one_encoder(model):
    kept = [weight.numpy() for weight in model.weights]
    try:
        for place, weight in enumerate(model.weights):
            weight.assign(np.random.default_rng(place).uniform(-1, 1, size=weight.shape))
        image = np.random.default_rng(99).uniform(size=(5, 8, 8, 1))
        return not np.any(np.asarray(model.predict([image, image], verbose=0)) > 1e-3)
    finally:
        for weight, before in zip(model.weights, kept, strict=True):
            weight.assign(before)


# %% dense-before-pooling
# points: 4
def compare(encoder, units):
    images = [keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right")]
    left, right = (keras.ops.mean(encoder(image), axis=[1, 2]) for image in images)
    hidden = layers.Dense(units, activation="relu")(abs(left - right))
    return keras.Model(images, keras.ops.sigmoid(layers.Dense(1)(hidden)))


# %% two-sigmoids
# points: 5
def targets(two):
    return np.argmax(two, axis=1).reshape(-1, 1).astype("float64")


def one_probability(model):
    body = keras.Model(model.inputs, model.layers[-3].output)
    left, right = (keras.Input(entry.shape[1:], name=entry.name) for entry in model.inputs)
    kernel, bias = model.layers[-2].get_weights()
    last = layers.Dense(1)
    answer = keras.ops.sigmoid(last(body([left, right])))
    last.kernel.assign(kernel[:, 1:])
    last.bias.assign(bias[1:])
    return keras.Model([left, right], answer)


# %% the-lambda
# points: 4
def rescue(encoder, weights):
    *of_encoder, kernel, bias = weights
    encoder.set_weights(of_encoder)
    images = {name: keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right")}
    dense = layers.Dense(1, activation="sigmoid")
    merged = keras.ops.absolute(layers.Subtract()([encoder(image) for image in images.values()]))
    model = keras.Model(images, dense(merged))
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)
    return model


# %% metric-twice
# points: 4
def similarities(anchor, positive, negative):
    metric = keras.metrics.CosineSimilarity()
    found = []
    for other in (positive, negative):
        metric.reset_state()
        found.append(float(metric(anchor, other)))
    return found


def mean_similarity(batches):
    total = rows = 0
    for first, second in batches:
        total -= float(keras.ops.sum(keras.losses.cosine_similarity(first, second)))
        rows += len(first)
    return total / rows


# %% training-pairs
# points: 5
def split_pairs(pairs, test_images):
    kept = set(np.asarray(test_images).tolist())
    places = {"train": [], "test": []}
    for place, (one, other) in enumerate(np.asarray(pairs).tolist()):
        if (one in kept) == (other in kept):
            places["test" if one in kept else "train"].append(place)
    return {name: np.array(rows, dtype=int) for name, rows in places.items()}


def score(model, images, labels, pairs, test_images):
    from sklearn.metrics import roc_auc_score

    found = {}
    for name, rows in split_pairs(pairs, test_images).items():
        one, other = pairs[rows].T
        distances = model.predict([images[one], images[other]], verbose=0).ravel()
        found[name] = roc_auc_score(labels[one] == labels[other], -distances)
    return found
