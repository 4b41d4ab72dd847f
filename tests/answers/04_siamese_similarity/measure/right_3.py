"""Right answers: cosines read off the model's own matrix, one way after the other; triplets, with Greek held out."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 8
def make(units):
    def reader():
        image = keras.Input(shape=(12, 12, 1))
        maps = ops.relu(layers.Conv2D(filters=16, kernel_size=3, strides=2, padding="same")(image))
        code = layers.Dense(units=units)(layers.Flatten()(maps))
        length = ops.sqrt(ops.sum(ops.square(code), axis=-1, keepdims=True))
        return keras.Model(image, code / ops.maximum(length, 1e-12))

    sides = {name: keras.Input(shape=(12, 12, 1), name=name) for name in ("left", "right")}
    read = reader()
    codes = {name: read(image) for name, image in sides.items()}
    return keras.Model(inputs=sides, outputs=ops.tensordot(codes["left"], codes["right"], axes=[[1], [1]]))


def measure(seeds, known, unseen):
    def by_cosines(model, asked):
        # Of vectors of length 1, the nearest is that with the largest cosine.
        table = []
        for way in range(WAYS):
            cosines = model({"left": asked.queries, "right": asked.examples[:, way]}, training=False)
            table.append(np.diagonal(ops.convert_to_numpy(cosines)))
        return np.mean(np.argmax(table, axis=0) == asked.answers)

    def by_pixels(asked):
        gaps = (asked.examples - asked.queries[:, None]).reshape(QUESTIONS, WAYS, -1)
        return np.mean(np.argmin(np.einsum("qwp,qwp->qw", gaps, gaps), axis=1) == asked.answers)

    def untrained(seed):
        keras.utils.set_random_seed(seed)
        return make(UNITS)

    drawn = [questions(*unseen, seed) for seed in seeds]
    x, character = matches(*known)
    runs = trained(lambda: compiled(make(UNITS)), x, character, epochs=1, batch_size=BATCH, seeds=seeds)
    return {
        "pixels": [by_pixels(asked) for asked in drawn],
        "untrained": [by_cosines(untrained(seed), asked) for seed, asked in zip(seeds, drawn, strict=True)],
        "trained": [by_cosines(model, asked) for model, asked in zip(runs, drawn, strict=True)],
    }


def report(scores, ours):
    import statistics

    others = {way: statistics.mean(map(float, numbers)) for way, numbers in scores.items() if way != ours}
    baseline = max(others.items(), key=lambda item: item[1])[0]
    mean = {baseline: others[baseline], ours: statistics.mean(map(float, scores[ours]))}
    spread = {way: statistics.pstdev(map(float, scores[way])) for way in mean}
    found = {"baseline": baseline, "mean": mean, "spread": spread, "better": None}
    for way, rival in ((ours, baseline), (baseline, ours)):
        if mean[way] - mean[rival] > max(spread.values()):
            found["better"] = way
    return found


# %% own-alphabet
# points: 6
def my_data():
    parts, begin = [], 0
    for alphabets in (["Cyrillic", "Georgian"], ["Greek"]):
        images, numbers = characters(*alphabets)
        parts.append((images, begin + numbers))
        begin += 1000
    return tuple(parts)


def my_network(x_train, y_train):
    shape = x_train.shape[1:]
    tower = keras.Sequential(
        [layers.Conv2D(16, 3, 2, padding="same", activation="relu"), layers.Flatten(), layers.Dense(32)]
    )
    trio = [keras.Input(shape, name=name) for name in ("anchor", "positive", "negative")]
    anchor, positive, negative = (ops.normalize(tower(image)) for image in trio)
    near, far = (ops.sum((anchor - other) ** 2, axis=1, keepdims=True) for other in (positive, negative))
    hinge = keras.Model(trio, ops.relu(near - far + 0.5))
    hinge.compile(keras.optimizers.Adam(0.003), loss="mean_absolute_error")

    numbers = np.random.default_rng(3)
    places = {label: np.flatnonzero(y_train == label) for label in np.unique(y_train)}
    first = numbers.integers(len(y_train), size=6400)
    second = np.array([numbers.choice(places[label]) for label in y_train[first]])
    third = numbers.permutation(first)
    hinge.fit([x_train[rows] for rows in (first, second, third)], np.zeros((6400, 1)), batch_size=64, verbose=0)

    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    gap = ops.normalize(tower(left)) - ops.normalize(tower(right))
    return keras.Model([left, right], ops.sum(gap**2, axis=1, keepdims=True))
