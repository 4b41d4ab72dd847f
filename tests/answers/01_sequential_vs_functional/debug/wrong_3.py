"""Wrong answers: the largest in place of the mean, the two ways exchanged, a map again, a loaded model, no metric."""
# ruff: noqa: F821


# %% feature-map
# points: 3
# says: ✗ 0/1  the probabilities of an image add up to 1: not so
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    x = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs=inputs, outputs=layers.GlobalMaxPooling2D()(x))


# %% pasted-fragment
# points: 0
# says: asked for a keras.Sequential model; found a Functional model
# says: ✗ 0/1  `rescue`: the model has ten outputs again: asked for a keras.Model; found a Conv2D
def begin_both_ways(input_shape):
    listed = keras.Sequential([keras.Input(shape=input_shape), layers.Conv2D(32, (3, 3), activation="relu")])
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    return keras.Model(inputs, x), listed


def rescue(damaged):
    return damaged.pop()


# %% input-shape
# points: 2
# says: asked for 1 output of shape (None, 10); found (None, 28, 28, 10)
# says: ✗ 0/1  other image shapes, the same function of the pixels
def flat_classifier(input_shape, num_classes):
    inputs = keras.Input(shape=(input_shape,) if isinstance(input_shape, int) else input_shape)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(inputs))


# %% repeated-relu
# points: 2
# says: ✗ 0/1  the function of `shared_encoder`, after save and load: not so
def repaired_encoder(units):
    return saved_and_loaded(shared_encoder(units))


# %% learning-rate
# points: 3
# says: asked for a metric `accuracy`; found ['loss']
def compile_for_training(model):
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adadelta(1.0))
