"""Right answers: names from layers that do nothing, tables of heads, batches of its own, losses with a weight."""
# ruff: noqa: F821


# %% no-model
# points: 4
def age_and_gender(vgg, units):
    vgg.trainable = False
    image = keras.Input(shape=vgg.input_shape[1:], name="face")
    maps = vgg(image, training=False)
    flat = keras.ops.reshape(maps, (-1, int(np.prod(maps.shape[1:]))))

    def head(name, last):
        x = flat
        for _ in "ab":
            x = keras.ops.relu(layers.Dense(units)(x))
        return layers.Identity(name=name)(last(layers.Dense(1)(x)))

    age, gender = head("Age", layers.Identity()), head("Gender", layers.Activation("sigmoid"))
    whole = keras.Model(inputs=image, outputs=(age, gender))
    whole.compile(
        loss={"Age": keras.losses.mean_squared_error, "Gender": keras.losses.binary_crossentropy},
        metrics={"Age": "mae"},
    )
    return whole


# %% wrong-keys
# points: 5
def compiled(model, age, label):
    names = (age, label)
    losses = [keras.losses.get("mse"), keras.losses.get("binary_crossentropy")]
    model.compile(loss=dict(zip(names, losses, strict=True)), optimizer=keras.optimizers.Adam(1e-3))
    return model


def targets(age, label, ages, labels):
    return {name: keras.ops.convert_to_tensor(each) for name, each in ((age, ages), (label, labels))}


# %% swapped-heads
# points: 5
def heads(size):
    table = {"age": ("linear", "mean_squared_error"), "label": ("sigmoid", "binary_crossentropy")}
    trunk = keras.Sequential([keras.Input(shape=(size,)), layers.Dense(16, activation=keras.ops.relu)])
    outputs = {name: layers.Dense(1, activation)(trunk.outputs[0]) for name, (activation, _) in table.items()}
    repaired = keras.Model(inputs=trunk.inputs, outputs=outputs)
    repaired.compile("rmsprop", {name: loss for name, (_, loss) in table.items()})
    return repaired


# %% swapped-targets
# points: 5
class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size=32):
        super().__init__()
        self.x, self.y, self.size = x, y, size

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __getitem__(self, number):
        rows = slice(number * self.size, (number + 1) * self.size)
        return self.x[rows], {name: target[rows] for name, target in self.y.items()}


def trained(model, x, ages, labels, epochs):
    model.fit(Batches(x, {"label": labels, "age": ages}), epochs=epochs, verbose=0)
    return model


# %% idle-weights
# points: 5
def tunable(base, units, age_weight):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    maps = base(image)
    trunk = layers.Dense(units=units, activation="relu", name="trunk")(layers.Reshape((-1,))(maps))

    def weighted(y_true, y_pred):
        return age_weight * keras.losses.mean_squared_error(y_true, y_pred)

    repaired = keras.Model(
        inputs=[image],
        outputs=[layers.Dense(1, name="age")(trunk), layers.Dense(1, activation="sigmoid", name="label")(trunk)],
    )
    repaired.compile(loss={"age": weighted, "label": keras.losses.BinaryCrossentropy()})
    return repaired


# %% one-channel
# points: 5
def for_grey(base):
    height, width, _ = base.input_shape[1:]
    repeated = keras.Sequential(
        [
            keras.Input((height, width, 1)),
            layers.Flatten(),
            layers.RepeatVector(3),
            layers.Permute((2, 1)),
            layers.Reshape((height, width, 3)),
        ]
    )
    return keras.Model(inputs=repeated.inputs, outputs=base(repeated.outputs[0]))
