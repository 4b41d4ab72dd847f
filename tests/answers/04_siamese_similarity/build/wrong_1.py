"""Wrong answers: pairs first and then a split, two encoders, a root without a floor, NumPy, AUC upside down."""
# ruff: noqa: F821


# %% make-pairs
# points: 3
# says: ✗ 0/2  no image stands in training pairs and in test pairs: not so
# says: ✗ 0/1  the same seed the same pairs, another seed other test images: not so
def make_pairs(labels, test_images, train, test, seed):
    rng = np.random.default_rng(seed)

    def half(count):
        rows = []
        while len(rows) < count:
            one, other = rng.choice(len(labels), size=2, replace=False)
            if (labels[one] == labels[other]) == (len(rows) % 2 == 0):
                rows.append((one, other))
        return rng.permutation(rows)

    return {"train": half(train), "test": half(test)}


# %% two-towers
# points: 1
# says: asked for 1,537 parameters; found 3,057
# says: asked for one encoder for 'left' and for 'right'; found
def two_towers(shape, size):
    def make(name):
        return keras.Sequential(
            [
                keras.Input(shape),
                layers.Conv2D(8, 3, activation="relu"),
                layers.Conv2D(16, 3, activation="relu"),
                layers.GlobalAveragePooling2D(),
                layers.Dense(size),
            ],
            name=name,
        )

    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    encoder = make("left_encoder")
    difference = keras.ops.abs(encoder(left) - make("right_encoder")(right))
    return encoder, keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% symmetric-distance
# points: 5
# says: ✗ 0/1  trained on pairs of an image with itself too, no weight becomes NaN: not so
def distance_model(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    unit = layers.UnitNormalization()
    squares = keras.ops.square(unit(encoder(left)) - unit(encoder(right)))
    return keras.Model([left, right], keras.ops.sqrt(keras.ops.sum(squares, axis=-1, keepdims=True)))


# %% contrastive-loss
# points: 3
# says: ✗ 0/1  `train`: a loss for each of ten epochs, and they fall:
# says: ✗ 0/2  `train` with another margin ends at the weights that it should:
def contrastive(same, distance, margin):
    same, distance = np.ravel(same), np.ravel(distance)
    return np.mean(same * distance**2 + (1 - same) * np.maximum(margin - distance, 0) ** 2)


def train(model, left, right, same, margin, epochs):
    model.compile(keras.optimizers.SGD(0.1), loss=lambda same, distance: contrastive(same, distance, margin))
    return model.fit([left, right], same, batch_size=len(same), epochs=epochs, verbose=0).history["loss"]


# %% auc-and-threshold
# points: 1
# says: asked for 4 of 6 comparisons, 0.6667; found 0.3333
# says: asked for the AUC 0.75; found 0.25
def auc(distances, same):
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(same, distances))


def report(validation, test):
    candidates = [-np.inf, *np.unique(validation[0])]
    right = [((validation[0] <= each) == validation[1]).mean() for each in candidates]
    threshold = candidates[int(np.argmax(right))]
    return {"threshold": threshold, "accuracy": ((test[0] <= threshold) == test[1]).mean(), "auc": auc(*test)}


# %% one-shot
# points: 5
# says: ✗ 0/2  `one_shot_accuracy` of noise is chance: not so
def classify(encoder, examples, labels, queries):
    known, asked = (keras.ops.convert_to_numpy(encoder(images)) for images in (examples, queries))
    return labels[((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)]


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    right = 0
    for _ in range(episodes):
        classes = rng.choice(np.unique(labels), size=ways, replace=False)
        examples = [rng.choice(np.flatnonzero(labels == each)) for each in classes]
        target = rng.integers(ways)
        query = rng.choice(np.flatnonzero(labels == classes[target]))
        right += ((codes[examples] - codes[query]) ** 2).sum(axis=1).argmin() == target
    return right / episodes


# %% triplet
# points: 1
# says: asked for 2,344 parameters; found 7,032
# says: asked for an AUC of 0.90 or more; found 0.
def squared(one, other):
    return keras.ops.sum(keras.ops.square(one - other), axis=-1, keepdims=True)


trio, codes = [], []
for name in ("anchor", "positive", "negative"):
    image = keras.Input((8, 8, 1), name=name)
    tower = keras.Sequential(
        [layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(8), layers.UnitNormalization()]
    )
    trio.append(image)
    codes.append(tower(image))
near, far = squared(codes[0], codes[1]), squared(codes[0], codes[2])
triplet = keras.Model(trio, {"near": near, "far": far, "hinge": keras.ops.relu(near - far + 0.5)})
