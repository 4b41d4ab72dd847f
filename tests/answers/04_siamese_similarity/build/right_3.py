"""Right answers: a table of pairs, pooling windows, a root that is switched, a loss class, neighbours, dots."""
# ruff: noqa: F821


# %% make-pairs
# points: 6
def make_pairs(labels, test_images, train, test, seed):
    state = np.random.RandomState(seed)
    kept = state.choice(len(labels), size=test_images, replace=False)
    others = np.setdiff1d(np.arange(len(labels)), kept)

    def draw(images, count):
        one, other = np.meshgrid(images, images)
        apart = one != other
        table = np.column_stack([one[apart], other[apart]])
        alike = labels[table[:, 0]] == labels[table[:, 1]]
        rows = [state.choice(np.flatnonzero(sort), size=count // 2) for sort in (alike, ~alike)]
        return table[state.permutation(np.concatenate(rows))]

    return {"test": draw(kept, test), "train": draw(others, train)}


# %% two-towers
# points: 6
def two_towers(shape, size):
    height, width, _ = shape
    encoder = keras.Sequential()
    encoder.add(keras.Input(shape=shape))
    for filters in (8, 16):
        encoder.add(layers.Conv2D(filters=filters, kernel_size=3))
        encoder.add(layers.ReLU())
    encoder.add(layers.AveragePooling2D(pool_size=(height - 4, width - 4)))
    encoder.add(layers.Flatten())
    encoder.add(layers.Dense(units=size))

    codes = [keras.Input(shape=(size,)), keras.Input(shape=(size,))]
    apart = layers.maximum(codes) - layers.minimum(codes)
    head = keras.Model(codes, layers.Dense(units=1, activation=keras.ops.sigmoid)(apart), name="head")

    right, left = keras.Input(shape=shape, name="right"), keras.Input(shape=shape, name="left")
    return encoder, keras.Model((left, right), head([encoder(left), encoder(right)]))


# %% symmetric-distance
# points: 6
def distance_model(encoder):
    def of_length_one(code):
        squared = keras.ops.sum(code * code, axis=-1, keepdims=True)
        return code * keras.ops.rsqrt(keras.ops.maximum(squared, 1e-12))

    left, right = (keras.Input(shape=(8, 8, 1), name=side) for side in ("left", "right"))
    gap = keras.ops.subtract(of_length_one(encoder(left)), of_length_one(encoder(right)))
    squared = layers.Dot(axes=-1)([gap, gap])
    apart = squared > 0
    root = keras.ops.sqrt(keras.ops.where(apart, squared, 1.0))
    return keras.Model(inputs=(left, right), outputs=keras.ops.where(apart, root, 0.0))


# %% contrastive-loss
# points: 6
class Contrastive(keras.losses.Loss):
    def __init__(self, margin, **kwargs):
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, y_true, y_pred):
        y_true, y_pred = keras.ops.reshape(y_true, (-1, 1)), keras.ops.reshape(y_pred, (-1, 1))
        near = y_true * y_pred**2
        far = (1 - y_true) * keras.ops.clip(self.margin - y_pred, 0, self.margin) ** 2
        return keras.ops.squeeze(near + far, axis=1)


def contrastive(same, distance, margin):
    return Contrastive(margin)(same, distance)


def train(model, left, right, same, margin, epochs):
    losses = []
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss=Contrastive(margin))
    for _ in range(epochs):
        history = model.fit(x=(left, right), y=same, batch_size=len(same), shuffle=False, verbose=0)
        losses.extend(history.history["loss"])
    return losses


# %% auc-and-threshold
# points: 6
def auc(distances, same):
    near, far = np.compress(same == 1, distances), np.sort(np.compress(same == 0, distances))
    from_here = len(far) - np.searchsorted(far, near, side="left")
    behind = len(far) - np.searchsorted(far, near, side="right")
    return np.mean(from_here + behind) / 2 / len(far)


def report(validation, test):
    result = dict.fromkeys(["auc", "accuracy", "threshold"])
    best = -1
    for threshold in (min(validation[0]) - 1.0, *validation[0]):
        right = sum((d <= threshold) == bool(s) for d, s in zip(*validation, strict=True))
        if right > best:
            best, result["threshold"] = right, threshold
    result["accuracy"] = np.mean([(d <= result["threshold"]) == bool(s) for d, s in zip(*test, strict=True)])
    result["auc"] = auc(*test)
    return result


# %% one-shot
# points: 7
def classify(encoder, examples, labels, queries):
    from sklearn.neighbors import KNeighborsClassifier

    nearest = KNeighborsClassifier(n_neighbors=1)
    nearest.fit(encoder.predict_on_batch(examples), labels)
    return nearest.predict(encoder.predict_on_batch(queries))


def one_shot_accuracy(codes, labels, ways, episodes, seed):
    import random

    from scipy.spatial.distance import cdist

    dice = random.Random(seed)
    members = {}
    for place, label in enumerate(np.asarray(labels).tolist()):
        members.setdefault(label, []).append(place)

    def episode():
        drawn = [dice.sample(members[each], k=2) for each in dice.sample(sorted(members), k=ways)]
        asked = dice.randrange(ways)
        gaps = cdist(codes[[drawn[asked][1]]], codes[[pair[0] for pair in drawn]])
        return int(gaps.argmin()) == asked

    return sum(episode() for _ in range(episodes)) / episodes


# %% triplet
# points: 7
def embed(image, shared):
    for step in shared:
        image = step(image)
    return image / keras.ops.sqrt(keras.ops.sum(keras.ops.square(image), axis=1, keepdims=True))


def squared_gap(one, other):
    gap = layers.Subtract()([one, other])
    return layers.Dot(axes=1)([gap, gap])


steps = [layers.Flatten(), layers.Dense(units=32), layers.ReLU(), layers.Dense(units=8)]
trio = {name: keras.Input(shape=(8, 8, 1), name=name) for name in ["positive", "anchor", "negative"]}
embedded = {name: embed(image, steps) for name, image in trio.items()}
near, far = (squared_gap(embedded["anchor"], embedded[name]) for name in ["positive", "negative"])
missing = keras.ops.add(keras.ops.subtract(near, far), 0.5)
triplet = keras.Model(
    inputs=[trio["anchor"], trio["positive"], trio["negative"]],
    outputs={"near": near, "far": far, "hinge": keras.ops.where(missing > 0, missing, 0.0)},
)
