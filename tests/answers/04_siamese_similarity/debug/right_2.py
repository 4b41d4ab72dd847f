"""Right answers: one encoder by name, a nested pooled encoder, new weights assigned, plain NumPy, a table of images."""
# ruff: noqa: F821


# %% two-that-look-alike
# points: 5
def siamese(units, seed):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    shared = make_encoder(units, seed, "the_only_one")
    apart = layers.Subtract()([shared(left), shared(right)])
    return keras.Model(inputs=[left, right], outputs=layers.Dot(axes=1)([apart, apart]))


def has_one_encoder(model):
    images = np.random.default_rng(1).normal(size=(4, 8, 8, 1))
    before = model.get_weights()
    distances = []
    for seed in range(3):
        numbers = np.random.default_rng(seed)
        model.set_weights([weight + numbers.normal(size=weight.shape) for weight in before])
        distances.append(keras.ops.convert_to_numpy(model([images, images])).max())
    model.set_weights(before)
    return max(distances) < 2e-3


# %% dense-before-pooling
# points: 4
def compare(encoder, units):
    pooled = keras.Sequential([encoder, layers.GlobalAveragePooling2D()])
    entries = {name: keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right")}
    difference = layers.Subtract()([pooled(entries["right"]), pooled(entries["left"])])
    head = keras.Sequential([layers.Dense(units, activation="relu"), layers.Dense(1, activation="sigmoid")])
    return keras.Model(entries, head(keras.ops.abs(difference)))


# %% two-sigmoids
# points: 5
def targets(two):
    return np.array([[float(same)] for _, same in two])


def one_probability(model):
    x = model.layers[-3].output
    dense = model.get_layer(index=-2)
    one = layers.Dense(1, name="same")
    answer = layers.Activation("sigmoid")(one(x))
    for new, old in ((one.kernel, dense.kernel), (one.bias, dense.bias)):
        new.assign(keras.ops.convert_to_numpy(old)[..., 1:])
    return keras.Model(model.inputs, answer)


# %% the-lambda
# points: 4
def rescue(encoder, weights):
    shape = encoder.input_shape[1:]
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    one, other = encoder(left), encoder(right)
    merged = layers.Maximum()([one, other]) - layers.Minimum()([one, other])
    head = keras.Sequential([layers.Dense(1), layers.Activation("sigmoid")])
    model = keras.Model(inputs=[left, right], outputs=head(merged))
    encoder.set_weights(weights[:-2])
    head.set_weights(weights[-2:])
    return model


# %% metric-twice
# points: 4
def similarities(anchor, positive, negative):
    return mean_similarity([(anchor, positive)]), mean_similarity([(anchor, negative)])


def mean_similarity(batches):
    first, second = (np.concatenate(each) for each in zip(*batches, strict=True))
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    second = second / np.linalg.norm(second, axis=1, keepdims=True)
    return float((first * second).sum(axis=1).mean())


# %% training-pairs
# points: 5
def split_pairs(pairs, test_images):
    kept = np.zeros(max(pairs.max(), np.max(test_images)) + 1, dtype=bool)
    kept[test_images] = True
    return {"train": np.where(~kept[pairs].any(axis=1))[0], "test": np.where(kept[pairs].all(axis=1))[0]}


def score(model, images, labels, pairs, test_images):
    distances = keras.ops.convert_to_numpy(model([images[pairs[:, 0]], images[pairs[:, 1]]])).ravel()
    same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    rows = split_pairs(pairs, test_images)
    return {name: checks.area_under_curve(-distances[rows[name]], same[rows[name]]) for name in ("train", "test")}
