"""Right answers: Sequential inside, the base's own graph gone on with, flags off and on."""
# ruff: noqa: F821


# %% extract-features
# points: 5
def features_of(base, name):
    layer = base.get_layer(name)
    flat = layers.Reshape((-1, layer.output.shape[-1]))(layer.output)
    return keras.Model(base.input, layers.GlobalAveragePooling1D()(flat), name="features")


# %% frozen-head
# points: 5
class Prepared(layers.Layer):
    def call(self, images):
        return (images - 115.0) / 64.0


def label_model(base, units):
    image = keras.Input(base.input_shape[1:])
    maps = base(Prepared()(image))
    base.trainable = False
    rows = keras.ops.mean(maps, axis=(1, 2))
    hidden = keras.ops.relu(layers.Dense(units)(rows))
    return keras.Model(image, keras.ops.sigmoid(layers.Dense(1)(hidden)))


# %% precompute
# points: 6
def features_once(base, images):
    (features,) = checks.outputs_of(base, images)
    return features


def trained_and_joined(base, head, features, y, epochs):
    for _ in range(epochs):
        head.fit(features, y, verbose=0)
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, keras.Sequential([base, head])(image))


# %% last-block
# points: 5
def only_block(base, block):
    base.trainable = False
    base.trainable = True
    for layer in base.layers:
        if not layer.name.startswith(block):
            layer.trainable = False
    return base


# %% fine-tune-still
# points: 6
def ready_to_tune(model, base, rate):
    pending = [base]
    while pending:
        part = pending.pop()
        if isinstance(part, keras.Model):
            part.trainable = False
            part.trainable = True
            pending += part.layers
    pending = [base]
    while pending:
        part = pending.pop()
        pending += getattr(part, "layers", [])
        if isinstance(part, layers.BatchNormalization):
            part.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=["binary_crossentropy"], metrics=["accuracy"])
    return model


# %% three-ways
# points: 6
def three_ways(base):
    def headed(copy):
        return keras.Model(copy.inputs, layers.Dense(1, name="head")(copy.outputs[0]))

    def without_seed(layer):
        settings = layer.get_config()
        if "kernel_initializer" in settings:
            settings["kernel_initializer"] = "he_normal"
        return layer.__class__.from_config(settings)

    copies = {
        way: keras.models.clone_model(base, clone_function=without_seed) for way in ("scratch", "frozen", "tuned")
    }
    for way, copy in copies.items():
        copy.trainable = False
        if way != "frozen":
            copy.trainable = True
        if way in ("frozen", "tuned"):
            copy.set_weights(base.get_weights())
    return {way: headed(copy) for way, copy in copies.items()}


def report(errors):
    found = {}
    for way, each in errors.items():
        better = 0
        for mine, plain in zip(each, errors["scratch"], strict=True):
            better += mine < plain
        found[way] = (np.mean(each), np.var(each) ** 0.5, better)
    return found


# %% one-backbone-two-tasks
# points: 5
def two_tasks(base):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    x = (image - 115.0) / 64.0
    for layer in base.layers[1:]:
        x = layer(x)
        if layer.name == "block3_pool":
            early = x
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(x))
    label = layers.Dense(1, activation="sigmoid")(layers.GlobalMaxPooling2D()(early))
    return keras.Model(image, {"label": label, "age": layers.Dense(1)(hidden)})
