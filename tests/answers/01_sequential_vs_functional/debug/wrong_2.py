"""Wrong answers: one place of the map, fresh weights, a flat input for every image, the last ReLU left out."""
# ruff: noqa: F821


# %% feature-map
# points: 3
# says: ✗ 0/1  every part of the image counts: not so
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    x = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs=inputs, outputs=x[:, 0, 0])


# %% pasted-fragment
# points: 1
# says: asked for a model that is built; found a Sequential that is not
# says: ✗ 0/1  `rescue` brings back every prediction of another model: not so
def begin_both_ways(input_shape):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    return keras.Sequential([layers.Conv2D(32, kernel_size=(3, 3), activation="relu")]), keras.Model(inputs, x)


def rescue(damaged):
    damaged.pop()
    return keras.models.clone_model(damaged)


# %% input-shape
# points: 2
# says: asked for 1 input of shape (None, 28, 28, 1); found (None, 784)
# says: ✗ 0/1  other image shapes, the same function of the pixels: not so
def flat_classifier(input_shape, num_classes):
    inputs = keras.Input(shape=(int(np.prod(input_shape)),))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(inputs))


# %% repeated-relu
# points: 2
# says: ✗ 0/1  the function of `shared_encoder`, with other widths: not so
def repaired_encoder(units):
    entries = [keras.Input((64,))]
    for width in units:
        entries += [layers.Dense(width), layers.Activation("relu")]
    return keras.Sequential(entries[:-1])


# %% learning-rate
# points: 0
# says: ✗ 0/1  the loss is categorical cross-entropy, and accuracy is reported: ValueError
# says: ✗ 0/2  the same with another model of this kind, functional: ValueError
def compile_for_training(model):
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
