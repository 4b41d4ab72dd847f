"""Right answers: operations in place of layers, bases called on new inputs, flags set layer by layer."""
# ruff: noqa: F821


# %% extract-features
# points: 5
def features_of(base, name):
    up_to = keras.Model(base.inputs, base.get_layer(name).output)
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, keras.ops.mean(up_to(image), axis=(1, 2)))


# %% frozen-head
# points: 5
def label_model(base, units):
    for layer in base.layers:
        layer.trainable = False
    image = keras.Input(base.input_shape[1:])
    x = base(layers.Rescaling(1 / 64, offset=-115 / 64)(image))
    head = keras.Sequential(
        [
            layers.GlobalAveragePooling2D(),
            layers.Dense(units),
            layers.ReLU(),
            layers.Dense(1),
            layers.Activation("sigmoid"),
        ]
    )
    return keras.Model(image, head(x))


# %% precompute
# points: 6
def features_once(base, images):
    parts = [np.asarray(base(images[start : start + 16], training=False)) for start in range(0, len(images), 16)]
    return np.concatenate(parts)


def trained_and_joined(base, head, features, y, epochs):
    head.fit(features, np.reshape(y, (-1, 1)), epochs=epochs, verbose=0)
    image = keras.Input(base.input_shape[1:])
    return keras.Model(image, head(base(image)))


# %% last-block
# points: 5
def only_block(base, block):
    for layer in base.layers:
        layer.trainable = False
    base._trainable = True
    for layer in base.layers:
        if layer.name.startswith(block):
            layer.trainable = True
    return base


# %% fine-tune-still
# points: 6
def ready_to_tune(model, base, rate):
    base.trainable = False
    base.trainable = True
    for layer in base._flatten_layers(include_self=False):
        if isinstance(layer, keras.Model):
            layer.trainable = False
            layer.trainable = True
    for layer in base._flatten_layers(include_self=False):
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.Adam(learning_rate=rate), keras.losses.BinaryCrossentropy())
    return model


# %% three-ways
# points: 6
def three_ways(base):
    def built(pretrained, trains):
        copy = keras.Sequential.from_config(base.get_config()) if isinstance(base, keras.Sequential) else None
        copy = copy or keras.Model.from_config(base.get_config())
        if pretrained:
            for layer, its in zip(copy.layers, base.layers, strict=True):
                layer.set_weights(its.get_weights())
        else:
            for weight in copy.weights:
                if len(weight.shape) > 1:
                    weight.assign(keras.initializers.GlorotUniform()(weight.shape))
        for layer in copy.layers:
            layer.trainable = trains
        return keras.Model(copy.inputs[0], layers.Dense(1)(copy.outputs[0]))

    return {"tuned": built(True, True), "frozen": built(True, False), "scratch": built(False, True)}


def report(errors):
    table = {way: np.array(each) for way, each in errors.items()}
    return {way: [each.mean(), each.std(), (each < table["scratch"]).sum()] for way, each in table.items()}


# %% one-backbone-two-tasks
# points: 5
def two_tasks(base):
    for layer in base.layers:
        layer.trainable = False
    wanted = {"early": base.get_layer("block3_pool").output, "last": base.output}
    image = keras.Input(base.input_shape[1:])
    maps = keras.Model(base.input, wanted)(layers.Rescaling(1 / 64, offset=-115 / 64)(image))
    label = layers.Dense(1, "sigmoid", name="label")(keras.ops.max(maps["early"], axis=(1, 2)))
    code = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(24, activation="relu")])(maps["last"])
    return keras.Model(image, [label, layers.Dense(1, name="age")(code)])
