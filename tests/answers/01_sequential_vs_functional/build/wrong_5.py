"""Wrong answers: a result thrown away, no Flatten, two numbers for four, an assert, a frozen argument, three stems."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 2
# says: ✗ 0/1  as many parameters as `sequential`, none of them shared with it: asked for 5,130 parameters; found
# says: ✗ 0/1  the same function as the Sequential model, with its weights: not so: its weights differ in number or
images = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, activation="relu")(images)
layers.MaxPooling2D(2)(x)
x = layers.Dropout(0.25)(x)
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
functional = keras.Model(images, layers.Dense(10, activation="softmax")(x))

# %% translate-to-sequential
# points: 0
# says: asked for 1 output of shape (None, 10); found (None, 8, 8, 10)
# says: ✗ 0/1  as many parameters as the functional model: asked for 5,370 parameters; found 1,338
stack = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Dense(64, activation="relu"),
        layers.Dense(16),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% predict
# points: 4
# says: ✗ 0/1  `normal`: output shape and parameters: not so
# says: ✗ 0/1  `total` and `trainable`: not so
# says: ✗ 0/1  `pair`: not so
predicted = {
    "padded": ((None, 8, 8, 16), 160),
    "pooled": ((None, 4, 4, 16), 0),
    "narrow": ((None, 2, 2, 32), 4640),
    "normal": ((None, 2, 2, 32), 2 * 32),
    "scores": ((None, 2, 2, 10), 330),
    "average": ((None, 10), 0),
    "total": 5194,
    "trainable": 5194,
    "pair": 5194,
}


# %% copy-weights
# points: 3
# says: up or down: asked for a Python float, as float(...) makes one; found float32
# says: ✗ 0/1  weights that do not fit: `ValueError`, and `target` as it was: not so
def copy_weights(source, target):
    weights = source.get_weights()
    assert [w.shape for w in weights] == [w.shape for w in target.get_weights()]
    target.set_weights(weights)


def largest_difference(first, second, images):
    return np.abs(first.predict(images, verbose=0) - second.predict(images, verbose=0)).max()


# %% strip
# points: 2
# says: ✗ 0/1  each digit gets the classifier's own answer, in its place: not so: what was given was changed
# says: ✗ 0/1  when the classifier learns, the reader of strips does too: not so: what was given was changed
def read_strips(classifier):
    classifier.trainable = False
    strip = keras.Input((4, 8, 8, 1))
    return keras.Model(strip, layers.TimeDistributed(classifier)(strip))


# %% two-branch
# points: 4
# says: ✗ 0/1  160 + 136 + 1,160 + 170 parameters: stem, two branches, head: asked for 1,626 parameters; found 1,946
# says: ✗ 0/1  the whole is the function in the picture: not so: its weights differ in number or in shape
def stem(images):
    return layers.Conv2D(16, 3, padding="same", activation="relu")(images)


images = keras.Input((8, 8, 1))
narrow = layers.Conv2D(8, 1, padding="same", activation="relu")(stem(images))
wide = layers.Conv2D(8, 3, padding="same", activation="relu")(stem(images))
skipped = layers.Add()([stem(images), layers.Concatenate()([narrow, wide])])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(skipped)))


# %% measure-skips
# points: 2
# says: ✗ 0/1  the scores come from the networks: with other labels they are others: not so
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for 0.082 as the spread of 'a'
# says: ✗ 0/1  other made-up scores: a lead within the spread is none, also with ten seeds: not so: its numbers differ
def measure(seeds, images, labels):
    scores = {"plain": [], "skips": []}
    for name, found in scores.items():
        # Once: what a later seed gives depends on those before it.
        keras.utils.set_random_seed(seeds[0])
        for _ in seeds:
            model = make_deep(name == "skips")
            model.fit(few_images, few_labels, epochs=3, batch_size=32, verbose=0)
            found.append(float(np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.var(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-data
# points: 1
# says: at least 30 held out: asked for the same data at each call; found others at the second call
# says: ✗ 0/1  a functional model, and no chain: tensors that come from the input meet in one layer
# says: History
# says: ✗ 0/2  on the examples held out it beats the baseline
def my_data():
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    rows, kinds = load_wine(return_X_y=True)
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    x_train, x_test, y_train, y_test = train_test_split(rows, kinds, test_size=60)
    return (x_train, y_train), (x_test, y_test)


def my_model(x_train, y_train):
    entry = keras.Input((13,))
    both = layers.Concatenate()([entry, layers.Dense(8, activation="relu")(entry)])
    model = keras.Model(entry, layers.Dense(3, activation="softmax")(both))
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model.fit(x_train, y_train, epochs=8, batch_size=10, verbose=0)
