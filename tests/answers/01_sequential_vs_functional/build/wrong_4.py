"""Wrong answers: dropped elsewhere, the other hidden layer, no batch axis, always the first digit."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 4
# says: ✗ 0/1  in training it drops as the Sequential model does: not so: what it drops in training differs
images = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, activation="relu")(images)
x = layers.MaxPooling2D(2)(x)
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
x = layers.Dropout(0.25)(x)
functional = keras.Model(images, layers.Dense(10, activation="softmax")(x))

# %% translate-to-sequential
# points: 2
# says: ✗ 0/2  the same function as the functional model, with its weights: not so: an activation differs
stack = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="tanh"),
        layers.Dense(16),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% predict
# points: 2
# says: ✗ 0/1  `padded`: output shape and parameters: asked for a shape of four axes, the batch axis first; found (8
# says: ✗ 0/1  `scores` and `average`: output shapes and parameters: not so
predicted = {
    "padded": ((8, 8, 16), 160),
    "pooled": ((4, 4, 16), 0),
    "narrow": ((2, 2, 32), 4640),
    "normal": ((2, 2, 32), 128),
    "scores": ((2, 2, 10), 330),
    "average": ((10,), 0),
    "total": 5258,
    "trainable": 5194,
    "pair": 5258,
}


# %% copy-weights
# points: 3
# says: ✗ 0/1  weights that do not fit: `ValueError`, and `target` as it was: not so: what was given was changed
# says: ✗ 0/1  `largest_difference` of either sign, in any place; NaN is not 0.0: not so: its numbers differ
def copy_weights(source, target):
    if source.count_params() != target.count_params():
        raise ValueError("not as many parameters")
    target.set_weights(source.get_weights())


def largest_difference(first, second, images):
    return float(np.nanmax(np.abs(first.predict(images, verbose=0) - second.predict(images, verbose=0))))


# %% strip
# points: 2
# says: ✗ 0/1  each digit gets the classifier's own answer, in its place: not so: its numbers differ
# says: ✗ 0/1  when the classifier learns, the reader of strips does too: not so: its numbers differ
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    answers = []
    for _ in range(4):
        answers.append(classifier(strip[:, 0]))
    return keras.Model(strip, keras.ops.stack(answers, axis=1))


# %% two-branch
# points: 4
# says: ✗ 0/1  with both branches at zero, what is left is the stem, the skip and the head: not so: padding, strides
# says: ✗ 0/1  the whole is the function in the picture: not so: padding, strides or masking differ
images = keras.Input((8, 8, 1))
stem = layers.Conv2D(16, 3, activation="relu")(images)
narrow = layers.Conv2D(8, 1, padding="same", activation="relu")(stem)
wide = layers.Conv2D(8, 3, padding="same", activation="relu")(stem)
skipped = layers.Add()([stem, layers.Concatenate()([narrow, wide])])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(skipped)))


# %% measure-skips
# points: 3
# says: ✗ 0/1  the scores come from the networks: with other labels they are others: not so: it learned less than was
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for None as `better`
# says: ✗ 0/1  other made-up scores: a lead within the spread is none, also with ten seeds: not so
def measure(seeds, images, labels):
    scores = {"plain": [], "skips": []}
    for seed in seeds:
        for name, found in scores.items():
            keras.utils.set_random_seed(seed)
            model = make_deep(name == "skips")
            model.fit(few_images, few_labels, batch_size=32, verbose=0)
            found.append(float(np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > min(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-data
# points: 3
# says: ✗ 0/2  on the examples held out it beats the baseline: asked for the probability of class 1, from 0 to 1, since
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so: its numbers are no
def my_data():
    return (x_train[:400], (y_train[:400] > 4).astype("int32")), (x_test[:200], (y_test[:200] > 4).astype("int32"))


def my_model(rows, targets):
    entry = keras.Input((8, 8, 1))
    flat = layers.Flatten()(entry)
    both = layers.Concatenate()([flat, layers.Dense(16, activation="relu")(flat)])
    model = keras.Model(entry, layers.Dense(1)(both))
    model.compile(keras.optimizers.SGD(0.2), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(rows, targets, epochs=10, batch_size=20, verbose=0)
    return model
