"""Right answers: a Sequential model inside, other names, another order of construction."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 5
body = keras.Sequential(
    [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(2), layers.Dropout(0.25), layers.Flatten()],
    name="body",
)
pixels = keras.Input((8, 8, 1), name="pixels")
hidden = layers.Dense(32)(body(pixels))
logits = layers.Dense(10)(layers.Activation("relu")(hidden))
functional = keras.Model(inputs=pixels, outputs=layers.Softmax()(logits))

# %% translate-to-sequential
# points: 4
stack = keras.Sequential(name="stack")
stack.add(keras.Input((8, 8, 1)))
stack.add(layers.Reshape((64,)))
stack.add(layers.Dense(64))
stack.add(layers.ReLU())
stack.add(layers.Dense(16))
stack.add(layers.Dense(10))
stack.add(layers.Softmax())

# %% predict
# points: 7
predicted = {
    "padded": [[None, 8, 8, 16], 160],
    "pooled": [[None, 4, 4, 16], 0],
    "narrow": [[None, 2, 2, 32], 4640],
    "normal": [[None, 2, 2, 32], 128],
    "scores": [[None, 2, 2, 10], 330],
    "average": [[None, 10], 0],
    "total": 5258,
    "trainable": 5194,
    "pair": 5258,
}


# %% copy-weights
# points: 5
def copy_weights(source, target):
    ours, theirs = list(source.weights), list(target.weights)
    if len(ours) != len(theirs) or any(a.shape != b.shape for a, b in zip(ours, theirs, strict=True)):
        raise ValueError("these weights do not fit")
    for a, b in zip(ours, theirs, strict=True):
        b.assign(a)


def largest_difference(first, second, images):
    return float(np.abs(first.predict(images, verbose=0) - second.predict(images, verbose=0)).max())


# %% strip
# points: 4
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    return keras.Model(strip, keras.ops.stack([classifier(strip[:, place]) for place in range(4)], axis=1))


# %% two-branch
# points: 6
photo = keras.Input((8, 8, 1))
entry = keras.Input((8, 8, 16))
three = layers.Conv2D(8, 3, padding="same", activation="relu")(entry)
one = layers.Dense(8, activation="relu")(entry)
block = keras.Model(entry, layers.concatenate([three, one]) + entry)
features = block(layers.Conv2D(16, (3, 3), padding="same", activation="relu")(photo))
two_branch = keras.Model(photo, layers.Dense(10, "softmax")(keras.ops.mean(features, axis=(1, 2))))


# %% measure-skips
# points: 6
def measure(seeds, images, labels):
    scores = {"skips": [], "plain": []}
    for seed in seeds:
        for name in scores:
            keras.utils.set_random_seed(seed)
            model = make_deep(name == "skips")
            model.fit(few_images, few_labels, batch_size=32, epochs=3, verbose=0)
            scores[name].append((np.argmax(model.predict(images, verbose=0), axis=1) == labels).mean())
    return scores


def decide(scores):
    import statistics

    mean = {name: statistics.fmean(numbers) for name, numbers in scores.items()}
    spread = {name: statistics.stdev(numbers) for name, numbers in scores.items()}
    low, high = sorted(mean, key=mean.get)
    better = high if mean[high] - mean[low] > max(spread[low], spread[high]) else None
    return {"mean": mean, "spread": spread, "better": better}


# %% own-data
# points: 6
def my_data():
    generator = np.random.default_rng(4)
    hours = generator.uniform(0, 24, size=(360, 1)).astype("float32")
    visitors = (60 + 50 * np.sin(hours[:, 0] / 24 * 2 * np.pi) + generator.normal(scale=8, size=360)).astype("float32")
    return (hours[:300], visitors[:300]), (hours[300:], visitors[300:])


def my_model(x_train, y_train):
    hour = keras.Input((1,))
    waves = [layers.Rescaling(2 * np.pi / 24, phase)(hour) for phase in (0.0, np.pi / 2)]
    visitors = layers.Dense(1)(layers.concatenate([keras.ops.sin(wave) for wave in waves]))
    model = keras.Model(hour, layers.Rescaling(float(y_train.std()), float(y_train.mean()))(visitors))
    model.compile("adam", "mae")
    model.optimizer.learning_rate = 0.05
    model.fit(x_train, y_train, epochs=6, batch_size=20, verbose=0)
    return model
