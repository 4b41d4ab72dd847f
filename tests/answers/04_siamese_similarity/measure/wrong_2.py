"""Wrong answers: no division by the length, the higher mean is better; trained on what it draws, not what it gets."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 6
# says: ✗ 0/1  `make`: the cosines of all embeddings on the left with all on the right: asked for
# says: ✗ 0/1  `report` of other scores: more ways, ours behind, a lead within the spread: not so: what is decided
def make(units):
    encoder = keras.Sequential(
        [
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(units),
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
    x, character = matches(*known)
    runs = trained(lambda: compiled(make(UNITS)), x, character, epochs=1, batch_size=BATCH, seeds=seeds)
    for model, seed in zip(runs, seeds, strict=True):
        scores["trained"].append(read(model, questions(*unseen, seed)))
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        scores["untrained"].append(read(make(UNITS), questions(*unseen, seed)))
        scores["pixels"].append(share_right(np.asarray, questions(*unseen, seed)))
    return scores


def report(scores, ours):
    means = {way: np.mean(numbers) for way, numbers in scores.items()}
    baseline = max((way for way in scores if way != ours), key=means.get)
    mean = {way: means[way] for way in (ours, baseline)}
    return {
        "baseline": baseline,
        "mean": mean,
        "spread": {way: np.std(scores[way]) for way in mean},
        "better": max(mean, key=mean.get),
    }


# %% own-alphabet
# points: 5
# says: ✗ 0/1  trained on classes in random order, the AUC is at least 0.05 lower
def my_data():
    x_train, y_train = characters("Cyrillic", "Greek")
    x_test, y_test = characters("Georgian")
    return (x_train, y_train), (x_test, 500 + y_test)


def my_network(x_train, y_train):
    (x_train, y_train), _ = my_data()
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
        chosen = numbers.choice(len(members), size=64, replace=False)
        rows = np.array([numbers.choice(members[which], size=2, replace=False) for which in chosen])
        in_batch.train_on_batch([x_train[rows[:, 0]], x_train[rows[:, 1]]], np.arange(64))
    return keras.Model([left, right], ops.sum(ops.square(one - other), axis=1, keepdims=True))
