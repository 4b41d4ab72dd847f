"""Right answers: layers and models of its own classes, Keras's losses for numbers, pooling over whole maps."""
# ruff: noqa: F821


# %% frozen-head
# points: 5
class Head(layers.Layer):
    def __init__(self, units=16, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units, activation="relu")
        self.last = layers.Dense(1)

    def call(self, inputs):
        return self.last(self.hidden(inputs))


def age_model(base):
    base.trainable = False
    picture = keras.Input(shape=(16, 16, 3), name="picture")
    return keras.Model(inputs=picture, outputs=Head()(base(picture, training=False)))


# %% two-outputs
# points: 5
class TwoOutputs(keras.Model):
    def __init__(self, size):
        row = keras.Input(shape=(size,))
        outputs = {}
        for name, activation in zip(["age", "label"], [None, "sigmoid"], strict=True):
            outputs[name] = layers.Dense(1, activation=activation)(layers.Dense(16, keras.activations.relu)(row))
        super().__init__(inputs=row, outputs=outputs)


def two_outputs(size):
    return TwoOutputs(size)


# %% compile-by-name
# points: 5
def compiled(model):
    def squared_error(y_true, y_pred):
        return keras.ops.mean((keras.ops.cast(y_true, y_pred.dtype) - y_pred) ** 2, axis=-1)

    model.compile(
        optimizer=keras.optimizers.get({"class_name": "adam", "config": {"learning_rate": 0.01}}),
        loss={"label": keras.losses.binary_crossentropy, "age": squared_error},
        loss_weights={"age": 1.0, "label": 1.0},
        metrics={"label": "binary_accuracy", "age": keras.losses.mean_absolute_error},
    )
    return model


# %% shared-trunk
# points: 6
def with_trunk(base, units):
    body = keras.Sequential(name="body")
    body.add(keras.Input((16, 16, 3)))
    body.add(base)
    body.add(layers.Dense(units, activation="relu", name="trunk"))
    body.get_layer(base.name).trainable = False
    heads = {}
    for name, activation in (("label", "sigmoid"), ("age", "linear")):
        heads[name] = layers.Dense(units=1, activation=activation)(body.outputs[0])
    return keras.Model(inputs=body.inputs, outputs=heads)


# %% loss-scales
# points: 6
def baseline_weights(ages, labels):
    targets = {"age": np.asarray(ages, "float32"), "label": np.asarray(labels, "float32")}
    losses = {"age": keras.losses.MeanSquaredError(), "label": keras.losses.BinaryCrossentropy()}
    weights = {}
    for name, target in targets.items():
        guess = np.full_like(target, target.mean())
        weights[name] = 1 / float(losses[name](target[:, None], guess[:, None]))
    return weights


def in_years(model, mean, spread):
    # A dense layer that never learns: years = standard * spread + mean.
    years = layers.Dense(
        1,
        kernel_initializer=keras.initializers.Constant(spread),
        bias_initializer=keras.initializers.Constant(mean),
        trainable=False,
    )
    return keras.Model(inputs=model.input, outputs=model.output | {"age": years(model.output["age"])})


# %% third-output
# points: 5
def with_group(model, classes):
    (trunk,) = [layer for layer in model.layers if layer.name == "trunk"]
    scores = layers.Dense(units=classes)(trunk.output)
    outputs = dict(zip(["age", "label"], [model.output["age"], model.output["label"]], strict=True))
    outputs["group"] = keras.activations.softmax(scores)
    extended = keras.Model(inputs=model.input, outputs=outputs)
    extended.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss={
            "age": keras.losses.mean_squared_error,
            "label": keras.losses.binary_crossentropy,
            "group": keras.losses.sparse_categorical_crossentropy,
        },
        metrics={"group": "accuracy"},
    )
    return extended


# %% three-heads
# points: 6
image = keras.Input(batch_shape=(None, 16, 16, 3))
x = layers.Lambda(lambda pixels: pixels / 255.0)(image)
x = keras.ops.relu(layers.Conv2D(filters=6, kernel_size=(3, 3))(x))
x = keras.ops.max_pool(x, pool_size=2, strides=2)
x = keras.ops.relu(layers.Conv2D(filters=10, kernel_size=(3, 3), padding="valid")(x))
average = layers.Flatten()(layers.AveragePooling2D(pool_size=5)(x))
largest = layers.Flatten()(layers.MaxPooling2D(pool_size=5)(x))
code = layers.Dense(12, activation=keras.ops.relu)(keras.ops.hstack([largest, average]))
age = layers.Dense(1, name="age")(code)
label = layers.Dense(1, activation="sigmoid", name="label")(average)
group = layers.Dense(4, activation="softmax", name="group")(code)
portrait_net = keras.Model(inputs=[image], outputs=(age, label, group))
