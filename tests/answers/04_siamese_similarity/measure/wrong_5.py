"""Wrong answers: right against left, shares in percent, the largest spread of all ways; too few classes held out."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 1
# says: ✗ 0/1  `make`: the cosines of all embeddings on the left with all on the right: asked for
# says: one score for each of five seeds, which differ; pixels score what they score: asked for scores from 0 to 1
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
    return keras.Model([left, right], ops.matmul(encoder(right), ops.transpose(encoder(left))))


def measure(seeds, known, unseen):
    def share_right(encode, asked):
        examples = encode(asked.examples.reshape(-1, 12, 12, 1)).reshape(QUESTIONS, WAYS, -1)
        queries = encode(asked.queries).reshape(QUESTIONS, 1, -1)
        nearest = np.linalg.norm(examples - queries, axis=2).argmin(axis=1)
        return 100 * float(np.mean(nearest == asked.answers))

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
    spread = {way: np.std(scores[way]) for way in mean}
    needed = max(np.std(numbers) for numbers in scores.values())
    clear = abs(mean[ours] - mean[baseline]) > needed
    return {"baseline": baseline, "mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-alphabet
# points: 2
# says: at most one image in ten seen: asked for at least 10 classes held out, with at least
# says: ✗ 0/2  on pairs of classes held out, an AUC at least 0.08 above that of raw pixels: asked for at least
def my_data():
    images, labels = characters("Cyrillic", "Georgian")
    kept = labels >= labels.max() - 7
    return (images[~kept], labels[~kept]), (images[kept], labels[kept])


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
