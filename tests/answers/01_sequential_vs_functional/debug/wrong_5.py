"""Wrong answers: no ReLU, nothing returned, other pixels, each layer on the first tensor, weights that were trained."""
# ruff: noqa: F821


# %% feature-map
# points: 2
# says: (None, 10) out, and the convolution in between: asked for a convolution with ReLU; found another activation
# says: ✗ 0/1  the same with other image sizes, the smallest among them, and other classes: not so: an activation
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3))(inputs)
    x = layers.Flatten()(x)
    return keras.Model(inputs=inputs, outputs=layers.Dense(num_classes, activation="softmax")(x))


# %% pasted-fragment
# points: 2
# says: ✗ 0/1  `rescue`: the model has ten outputs again: asked for a keras.Model; found a NoneType
# says: ✗ 0/1  `rescue` brings back every prediction of another model: TypeError
def begin_both_ways(input_shape):
    listed = keras.Sequential([keras.Input(shape=input_shape), layers.Conv2D(32, (3, 3), activation="relu")])
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    return listed, keras.Model(inputs, x)


def rescue(damaged):
    damaged.pop()


# %% input-shape
# points: 2
# says: ✗ 0/1  other numbers of pixels, as an `int` and as a tuple of one: not so
# says: ✗ 0/1  other image shapes, the same function of the pixels: not so: numbers are scaled otherwise
def flat_classifier(input_shape, num_classes):
    shape = (input_shape,) if isinstance(input_shape, int) else input_shape
    inputs = keras.Input(shape=shape)
    scaled = layers.Rescaling(1 / 255)(inputs)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.Flatten()(scaled)))


# %% repeated-relu
# points: 0
# says: (None, 64) in, (None, 16) out, 2,608 parameters: asked for 2,608 parameters; found 1,040
# says: ✗ 0/1  saved and loaded, it computes the same: asked for 2,608 parameters; found 1,040
def repaired_encoder(units):
    entry = keras.Input((64,))
    for width in units:
        x = layers.Activation("relu")(layers.Dense(width)(entry))
        model = keras.Model(entry, x)
    return model


# %% learning-rate
# points: 3
# says: asked for the weights as they were; found others
def compile_for_training(model):
    model.compile(
        loss=keras.losses.categorical_crossentropy,
        optimizer=keras.optimizers.Adadelta(learning_rate=1.0),
        metrics=["accuracy"],
    )
    model.fit(x_train, one_hot, epochs=4, batch_size=32, verbose=0)
