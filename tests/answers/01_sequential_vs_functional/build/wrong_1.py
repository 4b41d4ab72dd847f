"""Wrong answers: a model is reused instead of rewritten, biases and the graph are forgotten."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 4
# says: ✗ 0/1  as many parameters as `sequential`, none of them shared with it
# says: asked for models without a weight in common; found 6 that both have
images = keras.Input((8, 8, 1))
functional = keras.Model(images, sequential(images))

# %% translate-to-sequential
# points: 1
# says: ✗ 0/1  as many parameters as the functional model
# says: asked for 5,370 parameters; found 9,530
# says: the same function as the functional model, with its weights: not so
stack = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="tanh"),
        layers.Dense(64, activation="relu"),
        layers.Dense(16),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% predict
# points: 2
# says: `padded`: output shape and parameters: the number of parameters is not 144
# says: ✗ 0/1  `narrow`: output shape and parameters: not so
# says: ✗ 0/1  `scores` and `average`: output shapes and parameters: not so
predicted = {
    "padded": ((None, 8, 8, 16), 3 * 3 * 16),
    "pooled": ((None, 4, 4, 16), 0),
    "narrow": ((None, 2, 2, 32), 3 * 3 * 16 * 32),
    "normal": ((None, 2, 2, 32), 128),
    "scores": ((None, 2, 2, 10), 320),
    "average": ((None, 10), 0),
    "total": 5200,
    "trainable": 5136,
    "pair": 5200,
}


# %% copy-weights
# points: 2
# says: `copy_weights` from a Sequential to a functional model: asked for the same outputs from both models
# says: ✗ 0/1  weights that do not fit: `ValueError`, and `target` as it was: not so
def copy_weights(source, target):
    target = source  # noqa: F841


def largest_difference(first, second, images):
    return float(np.abs(first.predict(images, verbose=0) - second.predict(images, verbose=0)).max())


# %% strip
# points: 0
# says: expected shape=(None, 8, 8, 1), found shape=(None, 4, 8, 8)
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    return keras.Model(strip, classifier(strip))


# %% two-branch
# points: 1
# says: asked for 1,626 parameters; found 1,050
# says: ✗ 0/1  the skip: with the branches' weights at zero, the answer still depends on the image: the answer
# says: ✗ 0/1  each branch reaches the head: not so
images = keras.Input((8, 8, 1))
stem = layers.Conv2D(16, 3, padding="same", activation="relu")(images)
narrow = layers.Conv2D(8, 1, padding="same", activation="relu")(stem)
wide = layers.Conv2D(8, 3, padding="same", activation="relu")(narrow)
joined = layers.Concatenate()([narrow, wide])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(joined)))


# %% measure-skips
# points: 2
# says: they differ between seeds: asked for scores for 'plain' that differ between seeds; found
# says: ✗ 0/1  the scores come from the networks: with other labels they are others: not so
def measure(seeds, images, labels):
    scores = {}
    for name in ("plain", "skips"):
        keras.utils.set_random_seed(seeds[0])
        model = make_deep(skips=name == "skips")
        model.fit(few_images, few_labels, epochs=3, batch_size=32, verbose=0)
        score = np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)
        scores[name] = [float(score) for _ in seeds]
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-data
# points: 2
# says: ✗ 0/1  what is held out was not seen: at most one example in ten is in both parts: asked for at most 10% of
# says: ✗ 0/2  on the examples held out it beats the baseline: asked for at most 10% of
def my_data():
    return (x_train[:200], y_train[:200]), (x_train[100:200], y_train[100:200])


def my_model(rows, targets):
    entry = keras.Input((8, 8, 1))
    flat = layers.Flatten()(entry)
    both = layers.Concatenate()([flat, layers.Dense(16, activation="relu")(flat)])
    model = keras.Model(entry, layers.Dense(10, activation="softmax")(both))
    model.compile(keras.optimizers.SGD(0.3), "sparse_categorical_crossentropy")
    model.fit(rows, targets, epochs=10, batch_size=20, verbose=0)
    return model
