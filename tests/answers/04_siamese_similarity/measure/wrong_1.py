"""Wrong answers: trained on the characters of the test, the luckiest is the baseline; images divided, not classes."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 5
# says: ✗ 0/1  `report` of made-up scores: the best of the others is the baseline, the rest follows: asked for the
# says: ✗ 0/1  the labels of the known characters decide, and the same seed gives the same score
def make(units):
    encoder = keras.Sequential(
        [
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(units),
            layers.UnitNormalization(),
        ],
        name="encoder",
    )
    left, right = keras.Input((12, 12, 1), name="left"), keras.Input((12, 12, 1), name="right")
    return keras.Model([left, right], ops.matmul(encoder(left), ops.transpose(encoder(right))))


def measure(seeds, known, unseen):
    def share_right(encode, asked):
        examples = encode(asked.examples.reshape(-1, 12, 12, 1)).reshape(QUESTIONS, WAYS, -1)
        queries = encode(asked.queries).reshape(QUESTIONS, 1, -1)
        nearest = np.linalg.norm(examples - queries, axis=2).argmin(axis=1)
        return float(np.mean(nearest == asked.answers))

    def read(model, asked):
        return share_right(lambda images: np.array(model.get_layer("encoder")(images)), asked)

    scores = {"trained": [], "untrained": [], "pixels": []}
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        scores["untrained"].append(read(make(UNITS), questions(*unseen, seed)))
        scores["pixels"].append(share_right(np.asarray, questions(*unseen, seed)))
    x, character = matches(*unseen)
    runs = trained(lambda: compiled(make(UNITS)), x, character, epochs=1, batch_size=BATCH, seeds=seeds)
    for model, seed in zip(runs, seeds, strict=True):
        scores["trained"].append(read(model, questions(*unseen, seed)))
    return scores


def report(scores, ours):
    baseline = max((way for way in scores if way != ours), key=lambda way: max(scores[way]))
    mean = {way: np.mean(scores[way]) for way in (ours, baseline)}
    spread = {way: np.std(scores[way]) for way in mean}
    clear = abs(mean[ours] - mean[baseline]) > max(spread.values())
    return {"baseline": baseline, "mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-alphabet
# points: 2
# says: ✗ 0/1  data: a class for each image; at least 10 classes held out, at most one image in ten seen: asked for no
# says: ✗ 0/2  on pairs of classes held out, an AUC at least 0.08 above that of raw pixels: asked for no class
# says: ✗ 0/1  trained on classes in random order, the AUC is at least 0.05 lower
def my_data():
    images, labels = characters("Georgian")
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[100:], order[:100]
    return (images[train], labels[train]), (images[test], labels[test])


def my_network(x_train, y_train):
    encoder = keras.Sequential(
        [
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(32),
            layers.UnitNormalization(),
        ]
    )
    left, right = keras.Input((12, 12, 1), name="left"), keras.Input((12, 12, 1), name="right")
    one, other = encoder(left), encoder(right)
    in_batch = keras.Model([left, right], ops.matmul(one, ops.transpose(other)) / 0.1)
    in_batch.compile(keras.optimizers.Adam(0.005), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    numbers = np.random.default_rng(0)
    members = [np.flatnonzero(y_train == label) for label in np.unique(y_train)]
    for _ in range(40):
        chosen = numbers.choice(len(members), size=32, replace=False)
        rows = np.array([numbers.choice(members[which], size=2, replace=False) for which in chosen])
        in_batch.train_on_batch([x_train[rows[:, 0]], x_train[rows[:, 1]]], np.arange(32))
    return keras.Model([left, right], ops.sum(ops.square(one - other), axis=1, keepdims=True))
