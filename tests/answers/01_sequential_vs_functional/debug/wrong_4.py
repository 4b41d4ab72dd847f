"""Wrong answers: an odd map cut short, a ReLU forgotten, a rescue that pops too much, a fixed number, a subclass."""
# ruff: noqa: F821


# %% feature-map
# points: 2
# says: ✗ 0/1  the same with other image sizes, the smallest among them, and other classes: not so: a shape
# says: ✗ 0/1  every part of the image counts: not so: what is connected to what differs
def classify(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    # An odd map loses its last row and column here, and a map of 1×1 all that it has.
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return keras.Model(inputs=inputs, outputs=layers.Dense(num_classes, activation="softmax")(x))


# %% pasted-fragment
# points: 1
# says: ✗ 0/1  `rescue`: the model has ten outputs again: asked for 1 output of shape (None, 10); found
# says: ✗ 0/1  `begin_both_ways` for other images: one function, no weight in common: not so: an activation differs
def begin_both_ways(input_shape):
    listed = keras.Sequential([keras.Input(shape=input_shape), layers.Conv2D(32, (3, 3), activation="relu")])
    inputs = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, (3, 3))(inputs)
    return listed, keras.Model(inputs, x)


def rescue(damaged):
    damaged.pop()
    damaged.pop()
    return damaged


# %% input-shape
# points: 3
# says: ✗ 0/1  other image shapes, the same function of the pixels: ValueError
def flat_classifier(input_shape, num_classes):
    if isinstance(input_shape, int):
        input_shape = (input_shape,)
    inputs = keras.Input(shape=input_shape)
    row = layers.Reshape((784,))(inputs) if len(input_shape) > 1 else inputs
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(row))


# %% repeated-relu
# points: 1
# says: (None, 64) in, (None, 16) out, 2,608 parameters: asked for a model with a graph; found a subclassed one
# says: ✗ 0/1  saved and loaded, it computes the same: asked for a model that can be saved and loaded; found
class Encoder(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = [layers.Dense(width, activation="relu") for width in units]

    def call(self, x):
        for layer in self.hidden:
            x = layer(x)
        return x


def repaired_encoder(units):
    model = Encoder(units)
    model(np.zeros((1, 64)))
    return model


# %% learning-rate
# points: 1
# says: ✗ 0/1  4 epochs bring the loss below 60 % of where it began: asked for a loss below 60% of where it began
# says: ✗ 0/2  the same with another model of this kind, functional: not so: it learned less than was asked for
def compile_for_training(model):
    model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
