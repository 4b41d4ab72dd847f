"""Wrong answers: a seed for the split alone, padding, lengths over the batch, a margin left behind, first images."""
# ruff: noqa: F821


# %% make-pairs
# points: 5
# says: ✗ 0/1  the same seed the same pairs, another seed other test images: not so
def make_pairs(labels, test_images, train, test, seed):
    images = np.random.default_rng(seed).permutation(len(labels))
    rng = np.random.default_rng()

    def pairs_of(images, count):
        found = []
        while len(found) < count:
            one, other = rng.choice(images, size=2, replace=False)
            if (labels[one] == labels[other]) == (len(found) < count // 2):
                found.append((one, other))
        return rng.permutation(found)

    return {"train": pairs_of(images[test_images:], train), "test": pairs_of(images[:test_images], test)}


# %% two-towers
# points: 5
# says: ✗ 0/1  other images and another size: the function in the picture: not so
def two_towers(shape, size):
    encoder = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(size),
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
    unit = layers.UnitNormalization(axis=0)
    squares = keras.ops.square(unit(encoder(left)) - unit(encoder(right)))
    squared = keras.ops.sum(squares, axis=-1, keepdims=True)
    return keras.Model([left, right], keras.ops.sqrt(keras.ops.maximum(squared, 1e-7)))


# %% contrastive-loss
# points: 4
# says: ✗ 0/2  `train` with another margin ends at the weights that it should: not so
def contrastive(same, distance, margin=1.0):
    same, distance = keras.ops.reshape(same, (-1,)), keras.ops.reshape(distance, (-1,))
    missing = keras.ops.maximum(margin - distance, 0)
    return keras.ops.mean(same * keras.ops.square(distance) + (1 - same) * keras.ops.square(missing))


def train(model, left, right, same, margin, epochs):
    model.compile(keras.optimizers.SGD(0.1), loss=contrastive)
    return model.fit([left, right], same, epochs=epochs, verbose=0).history["loss"]


# %% auc-and-threshold
# points: 4
# says: ✗ 0/1  `report` of seven validation pairs and four test pairs: asked for the accuracy 0.75; found
# says: ✗ 0/1  `report`: accuracy and AUC of the test pairs, where the threshold fits badly: not so
def auc(distances, same):
    near, far = distances[same == 1], distances[same == 0]
    return np.mean(near[:, None] < far) + np.mean(near[:, None] == far) / 2


def report(validation, test):
    candidates = [-np.inf, *np.unique(validation[0])]
    right = [((validation[0] <= each) == validation[1]).mean() for each in candidates]
    return {"threshold": candidates[int(np.argmax(right))], "accuracy": max(right), "auc": auc(*test)}


# %% one-shot
# points: 6
# says: ✗ 0/1  classes that are alike, classes with an odd image; the same result with the same seed: not so: its
def classify(encoder, examples, labels, queries):
    known, asked = (keras.ops.convert_to_numpy(encoder(images)) for images in (examples, queries))
    return labels[((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)]


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    right = 0
    for _ in range(episodes):
        classes = rng.choice(np.unique(labels), size=ways, replace=False)
        of_each = [np.flatnonzero(labels == each) for each in classes]
        target = rng.integers(ways)
        examples, query = [each[0] for each in of_each], rng.choice(of_each[target][1:])
        right += ((codes[examples] - codes[query]) ** 2).sum(axis=1).argmin() == target
    return right / episodes


# %% triplet
# points: 5
# says: ✗ 0/2  the whole is the function in the picture: not so
def squared(one, other):
    return keras.ops.sum(keras.ops.square(one - other), axis=-1, keepdims=True)


trio = [keras.Input((8, 8, 1), name=name) for name in ("anchor", "positive", "negative")]
tower = keras.Sequential(
    [layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(8), layers.UnitNormalization()]
)
anchor, positive, negative = (tower(image) for image in trio)
near, far = squared(anchor, positive), squared(positive, negative)
triplet = keras.Model(trio, {"near": near, "far": far, "hinge": keras.ops.relu(near - far + 0.5)})
