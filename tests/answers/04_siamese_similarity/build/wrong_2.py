"""Wrong answers: random pairs, codes side by side, a late small number, exchanged terms, the test's threshold."""
# ruff: noqa: F821


# %% make-pairs
# points: 4
# says: ✗ 0/1  half of the pairs show the same digit: `train`: asked for the same digit in
# says: ✗ 0/1  other labels: still half of each sort, in random order: not so
def make_pairs(labels, test_images, train, test, seed):
    rng = np.random.default_rng(seed)
    images = rng.permutation(len(labels))

    def any_pairs(images, count):
        return np.array([rng.choice(images, size=2, replace=False) for _ in range(count)])

    return {"train": any_pairs(images[test_images:], train), "test": any_pairs(images[:test_images], test)}


# %% two-towers
# points: 1
# says: asked for 1,537 parameters; found 1,553
# says: asked for the same outputs when two inputs are exchanged; found differences of up to
def two_towers(shape, size):
    encoder = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(size),
        ]
    )
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    both = layers.concatenate([encoder(left), encoder(right)])
    return encoder, keras.Model([left, right], layers.Dense(1, activation="sigmoid", kernel_initializer="ones")(both))


# %% symmetric-distance
# points: 5
# says: ✗ 0/1  trained on pairs of an image with itself too, no weight becomes NaN: not so
def distance_model(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    difference = layers.UnitNormalization()(encoder(left)) - layers.UnitNormalization()(encoder(right))
    root = keras.ops.sqrt(keras.ops.sum(difference**2, axis=-1, keepdims=True))
    return keras.Model([left, right], root + 1e-7)


# %% contrastive-loss
# points: 1
# says: asked for (0 + 0.25 + 0.5625 + 0) / 4 = 0.2031; found
# says: ✗ 0/2  `train` with another margin ends at the weights that it should: not so
def contrastive(same, distance, margin):
    same, distance = keras.ops.reshape(same, (-1,)), keras.ops.reshape(distance, (-1,))
    near = (1 - same) * keras.ops.square(distance)
    return keras.ops.mean(near + same * keras.ops.square(keras.ops.relu(margin - distance)))


def train(model, left, right, same, margin, epochs):
    model.compile(keras.optimizers.SGD(0.1), loss=lambda same, distance: contrastive(same, distance, margin))
    return model.fit([left, right], same, batch_size=len(same), epochs=epochs, verbose=0).history["loss"]


# %% auc-and-threshold
# points: 3
# says: asked for a threshold that is right for 6 of 7; 0.1 is for 5
# says: ✗ 0/1  `report`: the best threshold on the validation pairs: not so
def auc(distances, same):
    near, far = distances[same == 1], distances[same == 0]
    return np.mean(near[:, None] < far) + np.mean(near[:, None] == far) / 2


def report(validation, test):
    candidates = [-np.inf, *np.unique(test[0])]
    right = [((test[0] <= each) == test[1]).mean() for each in candidates]
    return {"threshold": candidates[int(np.argmax(right))], "accuracy": max(right), "auc": auc(*test)}


# %% one-shot
# points: 6
# says: ✗ 0/1  `one_shot_accuracy` of equal embeddings is chance: not so
def classify(encoder, examples, labels, queries):
    known, asked = (keras.ops.convert_to_numpy(encoder(images)) for images in (examples, queries))
    return labels[((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)]


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    right = 0
    for _ in range(episodes):
        classes = rng.choice(np.unique(labels), size=ways, replace=False)
        of_each = [rng.permutation(np.flatnonzero(labels == each)) for each in classes]
        examples, query = [each[0] for each in of_each], of_each[0][1]
        right += ((codes[examples] - codes[query]) ** 2).sum(axis=1).argmin() == 0
    return right / episodes


# %% triplet
# points: 4
# says: asked for an AUC of 0.90 or more; found 0.
# says: ✗ 0/2  the whole is the function in the picture: not so
def squared(one, other):
    return keras.ops.sum(keras.ops.square(one - other), axis=-1, keepdims=True)


trio = [keras.Input((8, 8, 1), name=name) for name in ("anchor", "positive", "negative")]
tower = keras.Sequential(
    [layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(8), layers.UnitNormalization()]
)
anchor, positive, negative = (tower(image) for image in trio)
near, far = squared(anchor, positive), squared(anchor, negative)
triplet = keras.Model(trio, {"near": near, "far": far, "hinge": keras.ops.relu(far - near + 0.5)})
