"""Right answers: a mean of local answers, a subclass inside, a rate set after compiling."""
# ruff: noqa: F821


# %% feature-map
# points: 4
def classify(input_shape, num_classes):
    photo = keras.Input(input_shape)
    local = layers.Dense(num_classes, activation="softmax")(layers.Conv2D(32, (3, 3), activation="relu")(photo))
    return keras.Model(photo, keras.ops.mean(local, axis=(1, 2)))


# %% pasted-fragment
# points: 4
def convolution():
    return layers.Conv2D(32, kernel_size=(3, 3), activation="relu")


def begin_both_ways(input_shape):
    begun = keras.Sequential()
    begun.add(keras.Input(shape=input_shape))
    begun.add(convolution())
    inputs = keras.Input(shape=input_shape)
    return [begun, keras.Model(inputs, convolution()(inputs))]


def rescue(damaged):
    kept = damaged.layers[:-1]
    entry = keras.Input(kept[0].input.shape[1:])
    x = entry
    for layer in kept:
        x = layer(x)
    return keras.Model(entry, x)


# %% input-shape
# points: 4
class Row(layers.Layer):
    def call(self, images):
        return keras.ops.reshape(images, (keras.ops.shape(images)[0], -1))

    def compute_output_shape(self, shape):
        return (shape[0], int(np.prod(shape[1:])))


def flat_classifier(input_shape, num_classes):
    try:
        shape = tuple(input_shape)
    except TypeError:
        shape = (input_shape,)
    images = keras.Input(shape=shape)
    return keras.Model(images, layers.Dense(num_classes, activation="softmax")(Row()(images)))


# %% repeated-relu
# points: 4
def repaired_encoder(units):
    return keras.Sequential([keras.Input((64,)), *[layers.Dense(width, activation="relu") for width in units]])


# %% learning-rate
# points: 4
def compile_for_training(model):
    model.compile(
        loss=keras.losses.CategoricalCrossentropy(),
        optimizer=keras.optimizers.Adadelta(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.learning_rate = 1.0
