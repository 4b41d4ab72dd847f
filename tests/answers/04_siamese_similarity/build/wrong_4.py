"""Wrong answers: the halves in order, a ReLU too many, 1 - cosine, a term not squared, places for labels."""
# ruff: noqa: F821


# %% make-pairs
# points: 5
# says: ✗ 0/1  other labels: still half of each sort, in random order: not so
def make_pairs(labels, test_images, train, test, seed):
    rng = np.random.default_rng(seed)
    images = rng.permutation(len(labels))

    def pairs_of(images, count):
        alike, different = [], []
        while len(alike) < count // 2 or len(different) < count // 2:
            one, other = rng.choice(images, size=2, replace=False)
            (alike if labels[one] == labels[other] else different).append((one, other))
        return np.array(alike[: count // 2] + different[: count // 2])

    return {"train": pairs_of(images[test_images:], train), "test": pairs_of(images[:test_images], test)}


# %% two-towers
# points: 5
# says: ✗ 0/1  other images and another size: the function in the picture: not so
def two_towers(shape, size):
    encoder = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(size, activation="relu"),
        ]
    )
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return encoder, keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% symmetric-distance
# points: 5
# says: ✗ 0/1  the distance that was asked for, with another encoder: not so
def distance_model(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    cosine = layers.Dot(axes=-1, normalize=True)([encoder(left), encoder(right)])
    return keras.Model([left, right], 1 - cosine)


# %% contrastive-loss
# points: 1
# says: asked for (0 + 0.25 + 0.5625 + 0) / 4 = 0.2031; found 0.2500
# says: ✗ 0/2  `train` with another margin ends at the weights that it should: not so
def contrastive(same, distance, margin):
    same, distance = keras.ops.reshape(same, (-1,)), keras.ops.reshape(distance, (-1,))
    return keras.ops.mean(same * keras.ops.square(distance) + (1 - same) * keras.ops.maximum(margin - distance, 0))


def train(model, left, right, same, margin, epochs):
    model.compile(keras.optimizers.SGD(0.1), loss=lambda same, distance: contrastive(same, distance, margin))
    return model.fit([left, right], same, batch_size=len(same), epochs=epochs, verbose=0).history["loss"]


# %% auc-and-threshold
# points: 4
# says: ✗ 0/1  `auc` with ties: not so
# says: ✗ 0/1  `report`: the best threshold on the validation pairs: not so
def auc(distances, same):
    near, far = distances[same == 1], distances[same == 0]
    return float(np.mean(near[:, None] < far[None, :]))


def report(validation, test):
    candidates = np.unique(validation[0])
    right = [((validation[0] <= each) == validation[1]).mean() for each in candidates]
    threshold = candidates[int(np.argmax(right))]
    return {"threshold": threshold, "accuracy": ((test[0] <= threshold) == test[1]).mean(), "auc": auc(*test)}


# %% one-shot
# points: 4
# says: ✗ 0/1  `classify`: the nearest of three examples, for five queries: asked for [4, 7, 3, 4, 7]; found [2, 0,
# says: ✗ 0/1  classes that are alike, classes with an odd image; the same result with the same seed: not so
def classify(encoder, examples, labels, queries):
    known, asked = (keras.ops.convert_to_numpy(encoder(images)) for images in (examples, queries))
    return ((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    right = 0
    for _ in range(episodes):
        classes = np.random.choice(np.unique(labels), size=ways, replace=False)
        of_each = [np.random.permutation(np.flatnonzero(labels == each)) for each in classes]
        target = np.random.randint(ways)
        examples, query = [each[0] for each in of_each], of_each[target][1]
        right += ((codes[examples] - codes[query]) ** 2).sum(axis=1).argmin() == target
    return right / episodes


# %% triplet
# points: 5
# says: ✗ 0/2  the whole is the function in the picture: not so
def squared(one, other):
    return keras.ops.sum(keras.ops.square(one - other), axis=-1, keepdims=True)


trio = [keras.Input((8, 8, 1), name=name) for name in ("anchor", "positive", "negative")]
tower = keras.Sequential([layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(8)])
anchor, positive, negative = (tower(image) for image in trio)
near, far = squared(anchor, positive), squared(anchor, negative)
triplet = keras.Model(trio, {"near": near, "far": far, "hinge": keras.ops.relu(near - far + 0.5)})
