"""Right answers: digits drawn first, flat graphs, cosines in place of differences, counted ranks, argmin over lists."""
# ruff: noqa: F821


# %% make-pairs
# points: 6
def make_pairs(labels, test_images, train, test, seed):
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(np.arange(len(labels)))
    kept = {"test": shuffled[:test_images], "train": shuffled[test_images:]}
    made = {}
    for side, count in (("train", train), ("test", test)):
        of_digit = {digit: kept[side][labels[kept[side]] == digit] for digit in np.unique(labels)}
        rows = []
        for number in range(count):
            first, second = rng.choice(list(of_digit), size=2, replace=False)
            if number % 2:
                rows.append(rng.choice(of_digit[first], size=2, replace=False))
            else:
                rows.append([rng.choice(of_digit[first]), rng.choice(of_digit[second])])
        made[side] = np.array(rows)[rng.permutation(count)]
    return made


# %% two-towers
# points: 6
def two_towers(shape, size):
    convolutions = [layers.Conv2D(filters, (3, 3), activation="relu") for filters in (8, 16)]
    dense = layers.Dense(size)

    def code_of(image):
        for convolution in convolutions:
            image = convolution(image)
        return dense(keras.ops.mean(image, axis=(1, 2)))

    entries = {name: keras.Input(shape, name=name) for name in ("left", "right")}
    codes = {name: code_of(entry) for name, entry in entries.items()}
    score = layers.Dense(1, activation="sigmoid")(abs(codes["right"] - codes["left"]))
    return keras.Model(entries["left"], codes["left"]), keras.Model(entries, score)


# %% symmetric-distance
# points: 6
def distance_model(encoder):
    images = [keras.Input((8, 8, 1), name=name) for name in ("left", "right")]
    cosine = layers.Dot(axes=-1, normalize=True)([encoder(image) for image in images])
    return keras.Model(images, keras.ops.sqrt(keras.ops.maximum(2 - 2 * cosine, 1e-7)))


# %% contrastive-loss
# points: 6
def contrastive(same, distance, margin):
    same = keras.ops.squeeze(keras.ops.reshape(same, (-1, 1)), -1)
    distance = keras.ops.reshape(keras.ops.convert_to_tensor(distance), (-1,))
    pull = keras.ops.square(distance)
    push = keras.ops.square(keras.ops.relu(margin - distance))
    return keras.ops.mean(keras.ops.where(same > 0.5, pull, push))


def train(model, left, right, same, margin, epochs):
    def loss(y_true, y_pred):
        return contrastive(y_true, y_pred, margin)

    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss=loss)
    return [float(model.train_on_batch([left, right], np.reshape(same, (-1, 1)))) for _ in range(epochs)]


# %% auc-and-threshold
# points: 6
def auc(distances, same):
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(same, -distances))


def report(validation, test):
    distances, same = validation
    ordered = np.sort(distances)
    middles = np.concatenate([[ordered[0] - 1], (ordered[1:] + ordered[:-1]) / 2, [ordered[-1] + 1]])
    right = [np.mean((distances <= middle) == (same == 1)) for middle in middles]
    threshold = middles[int(np.argmax(right))]
    said = (test[0] <= threshold).astype(int)
    return {"auc": auc(*test), "accuracy": np.mean(said == test[1]), "threshold": threshold}


# %% one-shot
# points: 7
def classify(encoder, examples, labels, queries):
    known, asked = encoder.predict(examples, verbose=0), encoder.predict(queries, verbose=0)
    return np.array([labels[np.argmin([np.linalg.norm(code - each) for each in known])] for code in asked])


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    rng = np.random.default_rng(seed)
    hits = []
    for _ in range(episodes):
        classes = rng.permutation(np.unique(labels))[:ways]
        wanted = rng.choice(classes)
        query = rng.choice(np.flatnonzero(labels == wanted))
        others = np.delete(np.arange(len(labels)), query)
        examples = [rng.choice(others[labels[others] == each]) for each in classes]
        nearest = np.argmin(np.linalg.norm(codes[examples] - codes[query], axis=1))
        hits.append(classes[nearest] == wanted)
    return float(np.mean(hits))


# %% triplet
# points: 7
entries = {name: keras.Input((8, 8, 1), name=name) for name in ("negative", "positive", "anchor")}
first, second = layers.Dense(32, activation="relu"), layers.Dense(8)
unit = layers.Lambda(keras.ops.normalize)
code = {name: unit(second(first(layers.Flatten()(entry)))) for name, entry in entries.items()}
apart = {name: (code["anchor"] - code[name]) ** 2 for name in ("positive", "negative")}
near, far = (keras.ops.sum(apart[name], axis=1, keepdims=True) for name in ("positive", "negative"))
triplet = keras.Model(entries, {"hinge": keras.ops.maximum(0.5 + near - far, 0.0), "near": near, "far": far})
