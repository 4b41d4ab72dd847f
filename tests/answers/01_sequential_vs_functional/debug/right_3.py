"""Right answers: a wide last convolution, a model that is a class with a graph, layers handed on, a saved model."""
# ruff: noqa: F821


# %% feature-map
# points: 4
def classify(input_shape, num_classes):
    height, width, _ = input_shape
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), padding="same", activation="relu")(inputs)
    x = layers.Conv2D(num_classes, kernel_size=(height, width))(x)
    return keras.Model(inputs, keras.ops.softmax(keras.ops.squeeze(x, axis=(1, 2)), axis=-1))


# %% pasted-fragment
# points: 4
class Begun(keras.Model):
    def __init__(self, input_shape):
        images = keras.Input(shape=input_shape)
        features = layers.Conv2D(filters=32, kernel_size=3)(images)
        super().__init__(inputs=images, outputs=keras.activations.relu(features))


def begin_both_ways(input_shape):
    convolution = layers.Conv2D.from_config({"filters": 32, "kernel_size": (3, 3), "activation": "relu"})
    return keras.Sequential(layers=[layers.InputLayer(input_shape), convolution]), Begun(input_shape)


def rescue(damaged):
    *kept, _ = damaged.layers
    return keras.Sequential([keras.Input(batch_shape=kept[0].input.shape), keras.Sequential(kept)])


# %% input-shape
# points: 4
def flat_classifier(input_shape, num_classes):
    shape = np.atleast_1d(input_shape).tolist()
    images = keras.Input(batch_shape=[None, *shape])
    row = keras.ops.reshape(images, (-1, int(np.prod(shape))))
    weigh = layers.EinsumDense("ab,bc->ac", num_classes, bias_axes="c", activation="softmax")
    return keras.Model(inputs=images, outputs=weigh(row))


# %% repeated-relu
# points: 4
def repaired_encoder(units):
    def encode(x, widths):
        if not widths:
            return x
        first, *others = widths
        return encode(keras.ops.relu(layers.Dense(first)(x)), others)

    entry = keras.Input((64,), name="pixels")
    return keras.Model(entry, encode(entry, units), name="encoder")


# %% learning-rate
# points: 4
def compile_for_training(model):
    schedule = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=400)
    settings = {"optimizer": keras.optimizers.RMSprop(schedule), "loss": ["categorical_crossentropy"]}
    model.compile(**settings, metrics=["acc", "accuracy"][1:])
