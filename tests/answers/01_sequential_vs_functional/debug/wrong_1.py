"""Wrong answers: flattened too late, one layer in two models, a comma for all, the same object under a name."""
# ruff: noqa: F821


# %% feature-map
# points: 0
# says: asked for 1 output of shape (None, 10); found (None, 6760)
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    x = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs=inputs, outputs=layers.Flatten()(x))


# %% pasted-fragment
# points: 1
# says: ✗ 0/1  `rescue`: the model has ten outputs again: asked for a model that is built
# says: ✗ 0/1  `begin_both_ways` for other images: one function, no weight in common: not so
def begin_both_ways(input_shape):
    convolution = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")
    inputs = keras.Input(shape=input_shape)
    return keras.Sequential([keras.Input(shape=input_shape), convolution]), keras.Model(inputs, convolution(inputs))


def rescue(damaged):
    damaged.layers.pop()
    return damaged


# %% input-shape
# points: 1
# says: ✗ 0/1  `flat_classifier((28, 28, 1), 10)`: (None, 28, 28, 1) in, (None, 10) out: ValueError: Cannot convert
# says: ✗ 0/1  other numbers of pixels, as an `int` and as a tuple of one: ValueError
def flat_classifier(input_shape, num_classes):
    inputs = keras.Input(shape=(input_shape,))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.Flatten()(inputs)))


# %% repeated-relu
# points: 2
# says: ✗ 0/1  saved and loaded, it computes the same: asked for the same outputs after save and load; found
def repaired_encoder(units):
    relu = layers.Activation("relu", name="relu")
    entries = [keras.Input((64,))]
    for width in units:
        entries += [layers.Dense(width), relu]
    return keras.Sequential(entries)


# %% learning-rate
# points: 1
# says: ✗ 0/1  4 epochs bring the loss below 60 % of where it began: asked for a loss below 60% of where it began
def compile_for_training(model):
    model.compile(
        loss=keras.losses.categorical_crossentropy,
        optimizer=keras.optimizers.Adadelta(learning_rate=0.01),
        metrics=["accuracy"],
    )
