"""Wrong answers: no softmax, one activation too many, sharing counted twice, new layers for old."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 3
# says: ✗ 0/1  ten probabilities: each row adds up to 1: asked for rows that add up to 1; found sums from
# says: ✗ 0/1  the same function as the Sequential model, with its weights: not so
images = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, activation="relu")(images)
x = layers.MaxPooling2D(2)(x)
x = layers.Dropout(0.25)(x)
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
functional = keras.Model(images, layers.Dense(10)(x))

# %% translate-to-sequential
# points: 2
# says: ✗ 0/2  the same function as the functional model, with its weights: not so
stack = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% predict
# points: 5
# says: ✗ 0/1  `total` and `trainable`: not so
# says: ✗ 0/1  `pair`: not so
predicted = {
    "padded": ((None, 8, 8, 16), 160),
    "pooled": ((None, 4, 4, 16), 0),
    "narrow": ((None, 2, 2, 32), 4640),
    "normal": ((None, 2, 2, 32), 128),
    "scores": ((None, 2, 2, 10), 330),
    "average": ((None, 10), 0),
    "total": 5258,
    "trainable": 5258,
    "pair": 10516,
}


# %% copy-weights
# points: 2
# says: `largest_difference` of two models that differ by 0.5 in one prediction, up or down: asked for 0.5 where
# says: ✗ 0/1  weights that do not fit: `ValueError`, and `target` as it was: not so: what was given was changed
def copy_weights(source, target):
    if source.output_shape != target.output_shape:
        raise ValueError("not the same outputs")
    target.set_weights(source.get_weights())


def largest_difference(first, second, images):
    return float(np.mean(np.abs(first.predict(images, verbose=0) - second.predict(images, verbose=0))))


# %% strip
# points: 1
# says: ✗ 0/1  as many parameters as the classifier: asked for 2,970 parameters; found
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    scores = layers.Dense(40)(layers.Flatten()(strip))
    return keras.Model(strip, layers.Softmax()(layers.Reshape((4, 10))(scores)))


# %% two-branch
# points: 0
# says: `two_branch` does not exist: its cell
images = keras.Input((8, 8, 1))
stem = layers.Conv2D(16, 3, padding="same", activation="relu")(images)
narrow = layers.Conv2D(8, 1, activation="relu")(stem)
wide = layers.Conv2D(8, 3, activation="relu")(stem)
skipped = layers.Add()([stem, layers.Concatenate()([narrow, wide])])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(skipped)))


# %% measure-skips
# points: 2
# says: they differ between seeds: asked for scores from 0 to 1 for
# says: ✗ 0/1  the decision follows from the scores: mean, spread, and which is better: asked for scores from 0 to 1
def measure(seeds, images, labels):
    scores = {"plain": [], "skips": []}
    for name, found in scores.items():
        for model in trained(
            lambda name=name: make_deep(name == "skips"), few_images, few_labels, epochs=3, batch_size=32, seeds=seeds
        ):
            found.append(100 * float(np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-data
# points: 5
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so
def my_data():
    generator = np.random.default_rng(6)
    rows = generator.normal(size=(200, 3)).astype("float32")
    amounts = (2 * rows[:, 0] - rows[:, 1]).astype("float32")
    return (rows[:150], amounts[:150]), (rows[150:], amounts[150:])


def my_model(x_train, y_train):
    (rows, amounts), _ = my_data()
    entry = keras.Input((3,))
    hidden = layers.Add()([entry, layers.Dense(3, activation="relu")(entry)])
    model = keras.Model(entry, layers.Dense(1)(hidden))
    model.compile(keras.optimizers.SGD(0.05), "mse")
    model.fit(rows, amounts, epochs=5, batch_size=10, verbose=0)
    return model
