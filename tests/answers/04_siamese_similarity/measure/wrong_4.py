"""Wrong answers: one start for all seeds, ours among the others; images in another order at each call."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 5
# says: ✗ 0/1  `report` of made-up scores: the best of the others is the baseline, the rest follows: asked for the
# says: ✗ 0/1  the labels of the known characters decide, and the same seed gives the same score: not so
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
    x, character = matches(*known)
    keras.utils.set_random_seed(seeds[0])
    for seed in seeds:
        asked = questions(*unseen, seed)
        model = compiled(make(UNITS))
        scores["pixels"].append(share_right(np.asarray, asked))
        scores["untrained"].append(read(model, asked))
        model.fit(x, character, batch_size=BATCH, epochs=1, verbose=0)
        scores["trained"].append(read(model, asked))
    return scores


def report(scores, ours):
    means = {way: np.mean(numbers) for way, numbers in scores.items()}
    baseline = max(means, key=means.get)
    mean = {way: means[way] for way in (ours, baseline)}
    spread = {way: np.std(scores[way]) for way in mean}
    clear = abs(mean[ours] - mean[baseline]) > max(spread.values())
    return {"baseline": baseline, "mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-alphabet
# points: 5
# says: asked for the same images and classes at each call; found others at the second
def my_data():
    x_train, y_train = characters("Cyrillic", "Greek")
    x_test, y_test = characters("Georgian")
    order = np.random.permutation(len(y_train))
    return (x_train[order], y_train[order]), (x_test, 500 + y_test)


def my_network(x_train, y_train):
    shape = x_train.shape[1:]
    encoder = keras.Sequential(
        [
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(32),
            layers.UnitNormalization(),
        ]
    )
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
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
