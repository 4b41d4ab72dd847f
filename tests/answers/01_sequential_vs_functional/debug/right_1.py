"""Right answers: a mean over the map, a Sequential model inside, a graph in place of a list."""
# ruff: noqa: F821


# %% feature-map
# points: 4
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    body = keras.Sequential([layers.Conv2D(32, 3, activation="relu"), layers.GlobalAveragePooling2D()])
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(body(inputs)))


# %% pasted-fragment
# points: 4
def begin_both_ways(input_shape):
    begun = keras.Sequential([keras.Input(input_shape), layers.Conv2D(32, 3), layers.ReLU()])
    return begun, keras.Model(entry := keras.Input(input_shape), keras.models.clone_model(begun)(entry))


def rescue(damaged):
    healthy = keras.Sequential([keras.Input(damaged.layers[0].input.shape[1:])])
    for layer in damaged.layers[:-1]:
        healthy.add(layer)
    return healthy


# %% input-shape
# points: 4
def flat_classifier(input_shape, num_classes):
    if isinstance(input_shape, int):
        input_shape = (input_shape,)
    pixels = keras.Input(shape=input_shape)
    row = layers.Reshape((-1,))(pixels)
    return keras.Model(pixels, layers.Softmax()(layers.Dense(num_classes)(row)))


# %% repeated-relu
# points: 4
def repaired_encoder(units):
    relu = layers.Activation("relu")
    pixels = x = keras.Input((64,))
    for width in units:
        x = relu(layers.Dense(width)(x))
    return keras.Model(pixels, x)


# %% learning-rate
# points: 4
def compile_for_training(model):
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1), metrics=["accuracy"])
    return model
