"""Wrong answers that have the right shapes: a missing Dropout, a list without its input, a copy, a broadcast skip."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 4
# says: ✗ 0/1  in training it drops as the Sequential model does: not so
images = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, activation="relu")(images)
x = layers.MaxPooling2D(2)(x)
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
functional = keras.Model(images, layers.Dense(10, activation="softmax")(x))

# %% translate-to-sequential
# points: 0
# says: asked for a model that is built; found a Sequential that is not
stack = keras.Sequential(
    [
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(16),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% predict
# points: 4
# says: ✗ 0/1  `scores` and `average`: output shapes and parameters: not so
# says: ✗ 0/1  `total` and `trainable`: not so
predicted = {
    "padded": ((None, 8, 8, 16), 160),
    "pooled": ((None, 4, 4, 16), 0),
    "narrow": ((None, 2, 2, 32), 4640),
    "normal": ((None, 2, 2, 32), 128),
    "scores": ((None, 10), 1290),
    "average": ((None, 10), 0),
    "total": 6218,
    "trainable": 6154,
    "pair": 6218,
}


# %% copy-weights
# points: 0
# says: ✗ 0/1  `copy_weights` from a Sequential to a functional model: ValueError
# says: asked for 0.5 where one prediction differs by -0.5; found 0
# says: ✗ 0/1  `largest_difference` of either sign, in any place; NaN is not 0.0: not so
def copy_weights(source, target):
    for ours, theirs in zip(source.layers, target.layers, strict=False):
        theirs.set_weights(ours.get_weights())


def largest_difference(first, second, images):
    return float(np.max(first.predict(images, verbose=0) - second.predict(images, verbose=0)))


# %% strip
# points: 2
# says: ✗ 0/1  each digit gets the classifier's own answer, in its place: not so
# says: ✗ 0/1  when the classifier learns, the reader of strips does too: not so
def read_strips(classifier):
    strip = keras.Input((4, 8, 8, 1))
    return keras.Model(strip, layers.TimeDistributed(keras.models.clone_model(classifier))(strip))


# %% two-branch
# points: 4
# says: ✗ 0/1  with both branches at zero, what is left is the stem, the skip and the head: not so: with the right
# says: ✗ 0/1  the whole is the function in the picture: not so
images = keras.Input((8, 8, 1))
stem = layers.Conv2D(16, 3, padding="same", activation="relu")(images)
narrow = layers.Conv2D(8, 1, padding="same", activation="relu")(stem)
wide = layers.Conv2D(8, 3, padding="same", activation="relu")(stem)
skipped = layers.Add()([images, layers.Concatenate()([narrow, wide])])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(skipped)))


# %% measure-skips
# points: 4
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for None as `better`
# says: ✗ 0/1  other made-up scores: a lead within the spread is none, also with ten seeds: not so
def measure(seeds, images, labels):
    scores = {"plain": [], "skips": []}
    for name, found in scores.items():
        for model in trained(
            lambda name=name: make_deep(name == "skips"), few_images, few_labels, epochs=3, batch_size=32, seeds=seeds
        ):
            found.append(float(np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get)}


# %% own-data
# points: 5
# says: tensors that come from the input meet in one layer: asked for a layer in which two tensors meet; found a chain
def my_data():
    return (x_train[:300], y_train[:300] % 2), (x_test[:200], y_test[:200] % 2)


def my_model(rows, targets):
    entry = keras.Input((8, 8, 1))
    hidden = layers.Dense(16, activation="relu")(layers.Flatten()(entry))
    model = keras.Model(entry, layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.SGD(0.2, momentum=0.9), "binary_crossentropy")
    model.fit(rows, targets, epochs=5, batch_size=20, verbose=0)
    return model
