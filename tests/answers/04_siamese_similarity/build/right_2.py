"""Right answers: a stratified split, a tower on stacked images, a layer for the distance, a sort for the AUC."""
# ruff: noqa: F821


# %% make-pairs
# points: 6
def make_pairs(labels, test_images, train, test, seed):
    from sklearn.model_selection import train_test_split

    known, kept = train_test_split(np.arange(len(labels)), test_size=test_images, stratify=labels, random_state=seed)
    rng = np.random.default_rng(seed)
    made = {}
    for name, images, count in (("train", known, train), ("test", kept, test)):
        rows = rng.choice(images, size=(60 * count, 2))
        rows = rows[rows[:, 0] != rows[:, 1]]
        alike = labels[rows[:, 0]] == labels[rows[:, 1]]
        rows = np.concatenate([rows[alike][: count // 2], rows[~alike][: count // 2]])
        rng.shuffle(rows)
        made[name] = rows
    return made


# %% two-towers
# points: 6
def two_towers(shape, size):
    image = keras.Input(shape)
    x = layers.Conv2D(8, 3, activation="relu")(image)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    encoder = keras.Model(image, layers.Dense(size)(layers.GlobalAveragePooling2D()(x)))
    left, right = keras.Input(shape, name="left"), keras.Input(shape, name="right")
    difference = layers.Subtract()([encoder(left), encoder(right)])
    logit = layers.Dense(1)(keras.ops.absolute(difference))
    return encoder, keras.Model(inputs=[left, right], outputs=layers.Activation("sigmoid")(logit))


# %% symmetric-distance
# points: 6
def distance_model(encoder):
    entries = {"left": keras.Input((8, 8, 1), name="left"), "right": keras.Input((8, 8, 1), name="right")}
    left, right = (keras.ops.normalize(encoder(entry), axis=-1) for entry in entries.values())
    squared = keras.ops.sum((left - right) ** 2, axis=-1, keepdims=True)
    return keras.Model(entries, (squared + 1e-8) ** 0.5)


# %% contrastive-loss
# points: 6
def contrastive(same, distance, margin):
    same = keras.ops.ravel(keras.ops.cast(same, "float32"))
    distance = keras.ops.ravel(keras.ops.cast(distance, "float32"))
    wanted = keras.ops.where(same == 1, 0.0, margin)
    error = keras.ops.where(same == 1, distance, keras.ops.minimum(distance, margin)) - wanted
    return keras.ops.sum(keras.ops.square(error)) / keras.ops.sum(keras.ops.ones_like(error))


def train(model, left, right, same, margin, epochs):
    class Record(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            losses.append(logs["loss"])

    losses = []
    model.compile("sgd", lambda y, d: contrastive(y, d, margin))
    model.optimizer.learning_rate = 0.1
    model.fit([left, right], same, batch_size=len(left), epochs=epochs, verbose=0, callbacks=[Record()])
    return losses


# %% auc-and-threshold
# points: 6
def auc(distances, same):
    from scipy.stats import rankdata

    ranks = rankdata(-distances)
    positive, negative = (same == 1).sum(), (same == 0).sum()
    return (ranks[same == 1].sum() - positive * (positive + 1) / 2) / (positive * negative)


def report(validation, test):
    order = np.argsort(validation[0], kind="stable")
    distances, same = validation[0][order], validation[1][order]
    right = (same == 0).sum() + np.cumsum(np.where(same == 1, 1, -1))
    last = np.append(distances[1:] != distances[:-1], True)
    best = max(np.flatnonzero(last), key=lambda place: right[place])
    threshold = distances[best] if right[best] >= (same == 0).sum() else distances[0] - 1
    wrong = np.abs((test[0] <= threshold) - test[1]).sum()
    return {"threshold": threshold, "accuracy": 1 - wrong / len(test[1]), "auc": auc(*test)}


# %% one-shot
# points: 7
def classify(encoder, examples, labels, queries):
    known, asked = encoder(examples), encoder(queries)
    squared = keras.ops.sum(keras.ops.square(keras.ops.expand_dims(asked, 1) - known), axis=-1)
    return np.take(labels, keras.ops.convert_to_numpy(keras.ops.argmin(squared, axis=1)))


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    members = {each: np.flatnonzero(labels == each) for each in set(labels.tolist())}
    right = 0
    for _ in range(episodes):
        classes = rng.choice(sorted(members), size=ways, replace=False)
        shuffled = [rng.permutation(members[each]) for each in classes]
        examples = codes[[each[0] for each in shuffled]]
        target = rng.integers(ways)
        query = codes[shuffled[target][1]]
        right += int(np.argmin(((examples - query) ** 2).sum(axis=1)) == target)
    return right / episodes


# %% triplet
# points: 7
pixels = keras.Input((8, 8, 1))
x = layers.Dense(8)(layers.Dense(32, activation="relu")(layers.Reshape((64,))(pixels)))
to_code = keras.Model(pixels, layers.UnitNormalization()(x))
trio = [keras.Input((8, 8, 1), name=name) for name in ("anchor", "positive", "negative")]
anchor, positive, negative = (to_code(image) for image in trio)
answers = {
    "near": keras.ops.sum(keras.ops.square(positive - anchor), axis=-1, keepdims=True),
    "far": keras.ops.sum(keras.ops.square(negative - anchor), axis=-1, keepdims=True),
}
answers["hinge"] = layers.ReLU()(answers["near"] - answers["far"] + 0.5)
triplet = keras.Model(trio, answers)
