"""Wrong answers: still a Sequential model, one activation too many, sharing counted twice, new layers for old."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 0
# says: asked for a model made with keras.Model(inputs, outputs); found a Sequential model
functional = keras.models.clone_model(sequential)

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
# says: `largest_difference` of two models that differ by 0.5 in one prediction: asked for 0.5; found 0.25
# says: ✗ 0/1  weights that do not fit: `ValueError`, and `target` as it was: not so
def copy_weights(source, target):
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
# says: `two_branch` does not exist: its cell was not run, or stopped with an error
images = keras.Input((8, 8, 1))
stem = layers.Conv2D(16, 3, padding="same", activation="relu")(images)
narrow = layers.Conv2D(8, 1, activation="relu")(stem)
wide = layers.Conv2D(8, 3, activation="relu")(stem)
skipped = layers.Add()([stem, layers.Concatenate()([narrow, wide])])
two_branch = keras.Model(images, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(skipped)))
