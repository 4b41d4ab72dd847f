"""Wrong answers: an image with itself, a copied encoder, no length, labels that meet every distance, Keras's AUC."""
# ruff: noqa: F821


# %% make-pairs
# points: 4
# says: images are paired with themselves
# says: ✗ 0/1  other labels: still half of each sort, in random order: not so
def make_pairs(labels, test_images, train, test, seed):
    rng = np.random.default_rng(seed)
    images = rng.permutation(len(labels))

    def pairs_of(images, count):
        rows = []
        for number in range(count):
            one = rng.choice(images)
            alike = labels[images] == labels[one]
            rows.append((one, rng.choice(images[alike if number % 2 else ~alike])))
        return rng.permutation(rows)

    return {"train": pairs_of(images[test_images:], train), "test": pairs_of(images[:test_images], test)}


# %% two-towers
# points: 5
# says: ✗ 0/1  `encoder` gives the embeddings that `siamese` compares, with any weights: not so
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
    inside = keras.models.clone_model(encoder)
    inside.set_weights(encoder.get_weights())
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    difference = keras.ops.abs(inside(left) - inside(right))
    return encoder, keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))


# %% symmetric-distance
# points: 5
# says: ✗ 0/1  the distance that was asked for, with another encoder: not so
def distance_model(encoder):
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    squared = keras.ops.sum(keras.ops.square(encoder(left) - encoder(right)), axis=-1, keepdims=True)
    return keras.Model([left, right], keras.ops.sqrt(keras.ops.maximum(squared, 1e-7)))


# %% contrastive-loss
# points: 5
# says: ✗ 0/1  `contrastive` of arrays (n,) and (n, 1), in every combination: not so
def contrastive(same, distance, margin):
    near = same * keras.ops.square(distance)
    return keras.ops.mean(near + (1 - same) * keras.ops.square(keras.ops.relu(margin - distance)))


def train(model, left, right, same, margin, epochs):
    model.compile(keras.optimizers.SGD(0.1), loss=lambda same, distance: contrastive(same, distance, margin))
    return model.fit([left, right], same, batch_size=len(same), epochs=epochs, verbose=0).history["loss"]


# %% auc-and-threshold
# points: 3
# says: ✗ 0/1  `auc` of many pairs, distances above 1 and more of one kind: not so
# says: ✗ 0/1  `report`: accuracy and AUC of the test pairs, where the threshold fits badly: not so
def auc(distances, same):
    metric = keras.metrics.AUC()
    metric.update_state(same, 1 - distances)
    return float(metric.result())


def report(validation, test):
    candidates = [-np.inf, *np.unique(validation[0])]
    right = [((validation[0] <= each) == validation[1]).mean() for each in candidates]
    threshold = candidates[int(np.argmax(right))]
    return {"threshold": threshold, "accuracy": ((test[0] <= threshold) == test[1]).mean(), "auc": auc(*test)}


# %% one-shot
# points: 5
# says: asked for [4, 7, 3, 4, 7]; found
# says: ✗ 0/1  `classify` with another encoder: what is near for its embeddings: not so
def classify(encoder, examples, labels, queries):
    known, asked = (keras.ops.convert_to_numpy(encoder(images)) for images in (examples, queries))
    return labels[(asked @ known.T).argmax(axis=1)]


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    right = 0
    for _ in range(episodes):
        classes = rng.choice(np.unique(labels), size=ways, replace=False)
        of_each = [rng.permutation(np.flatnonzero(labels == each)) for each in classes]
        target = rng.integers(ways)
        examples, query = [each[0] for each in of_each], of_each[target][1]
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
near, far = squared(anchor, positive), squared(anchor, negative)
triplet = keras.Model(trio, {"near": near, "far": far, "hinge": near - far + 0.5})
