"""Right answers: a loop of its own with `fit`, layers called one by one; a contrastive loss, Greek held out."""
# ruff: noqa: F821


# %% measure-one-shot
# points: 8
def make(units):
    left, right = keras.Input((12, 12, 1), name="left"), keras.Input((12, 12, 1), name="right")
    steps = [
        layers.Conv2D(16, (3, 3), strides=(2, 2), activation=keras.activations.relu, padding="same"),
        layers.Reshape((-1,)),
        layers.Dense(units),
    ]
    codes = []
    for image in (right, left):
        for step in steps:
            image = step(image)
        codes.append(image / ops.norm(image, axis=1, keepdims=True))
    return keras.Model({"left": left, "right": right}, ops.einsum("ik,jk->ij", codes[1], codes[0]))


def measure(seeds, known, unseen):
    scores = {"pixels": [], "untrained": [], "trained": []}
    x, character = matches(*known)
    for seed in seeds:
        asked = questions(*unseen, seed)
        keras.utils.set_random_seed(seed)
        model = compiled(make(UNITS))
        scores["untrained"].append(read(model, asked))
        model.fit(x, character, batch_size=BATCH, verbose=0)
        scores["trained"].append(read(model, asked))
        flat = asked.examples.reshape(QUESTIONS, WAYS, -1), asked.queries.reshape(QUESTIONS, -1)
        scores["pixels"].append(share(*flat, asked.answers))
    return scores


def read(model, asked):
    conv, flat, dense = (
        next(layer for layer in model.layers if isinstance(layer, kind))
        for kind in (layers.Conv2D, layers.Reshape, layers.Dense)
    )

    def code(images):
        found = np.array(dense(flat(conv(images))))
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    examples = code(asked.examples.reshape(-1, 12, 12, 1)).reshape(QUESTIONS, WAYS, -1)
    return share(examples, code(asked.queries), asked.answers)


def share(examples, queries, answers):
    right = 0
    for some, query, answer in zip(examples, queries, answers, strict=True):
        right += np.argmin(np.linalg.norm(some - query, axis=1)) == answer
    return right / len(answers)


def report(scores, ours):
    mean, spread = {}, {}
    baseline = None
    for way in scores:
        mean[way], spread[way] = sum(scores[way]) / len(scores[way]), np.std(scores[way], ddof=1)
        if way != ours and (baseline is None or mean[way] > mean[baseline]):
            baseline = way
    better = None
    if mean[ours] - mean[baseline] > max(spread[ours], spread[baseline]):
        better = ours
    if mean[baseline] - mean[ours] > max(spread[ours], spread[baseline]):
        better = baseline
    two = (ours, baseline)
    return {
        "better": better,
        "baseline": baseline,
        "mean": {way: mean[way] for way in two},
        "spread": {way: spread[way] for way in two},
    }


# %% own-alphabet
# points: 6
def my_data():
    known, unseen = (
        glyphs.load_data(names, each=12, size=12, seed=4) for names in (("Cyrillic", "Armenian"), ("Greek",))
    )
    return (known.images, known.labels), (unseen.images, 1000 + unseen.labels)


def my_network(x_train, y_train):
    def contrastive(same, distance):
        return same * ops.square(distance) + (1 - same) * ops.square(ops.relu(1 - distance))

    encoder = keras.Sequential([layers.Conv2D(16, 3, strides=2, activation="relu"), layers.Flatten(), layers.Dense(24)])
    left, right = (keras.Input((12, 12, 1), name=name) for name in ("left", "right"))
    squares = ops.sum(ops.square(encoder(left) - encoder(right)), axis=1, keepdims=True)
    model = keras.Model([left, right], ops.sqrt(ops.maximum(squares, 1e-7)))
    model.compile(keras.optimizers.Adam(0.003), contrastive)
    train = pairs.draw(x_train, y_train, "same", 3200)
    model.fit([train.left, train.right], train.answers[:, None], batch_size=64, epochs=2, verbose=0)
    return model
