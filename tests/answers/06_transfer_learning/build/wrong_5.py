"""Wrong answers: a mean that is a map still, a flat map that happens to fit, epochs twice over, nothing returned."""
# ruff: noqa: F821


# %% extract-features
# points: 2
# says: asked for 1 output of shape (None, 64); found (None, 1, 1, 64)
def features_of(base, name):
    maps = base.get_layer(name).output
    return keras.Model(base.inputs[0], layers.GlobalAveragePooling2D(keepdims=True)(maps))


# %% frozen-head
# points: 4
# says: ✗ 0/1  the function that was asked for, on images with values from 0 to 255: not so: its weights differ
def label_model(base, units):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    rows = layers.Flatten()(base(small.preprocess_input(image)))
    hidden = layers.Dense(units, activation="relu")(rows)
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(hidden))


# %% precompute
# points: 3
# says: `features_once`: an array (32, 1, 1, 128) for 32 prepared images: asked for a NumPy array; found
# says: ✗ 0/1  the head is trained on the features, for that many epochs: not so: its numbers differ
def features_once(base, images):
    return base(images, training=False)


def trained_and_joined(base, head, features, y, epochs):
    for _ in range(epochs):
        head.fit(features, y, epochs=epochs, verbose=0)
    return keras.Model(base.inputs[0], head(base.outputs[0]))


# %% last-block
# points: 0
# says: `block4`: 221,696 of 298,320 parameters train: asked for a keras.Model
def only_block(base, block):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith(block)


# %% fine-tune-still
# points: 3
# says: asked for 296,913 trainable parameters; found 297,681
# says: ✗ 0/1  in training, these weights change, and nothing of BatchNormalization: not so
def ready_to_tune(model, base, rate):
    def thaw(part):
        part.trainable = False
        part.trainable = True
        for layer in part.layers:
            if isinstance(layer, keras.Model):
                thaw(layer)
            elif isinstance(layer, layers.BatchNormalization):
                layer.momentum = 1.0

    thaw(base)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    return model


# %% three-ways
# points: 2
# says: `report` of two seeds: asked for (5, 1, 0) for 'scratch'; found (5.0, 1.0, 1.0)
# says: begin with its numbers; the head trains, or everything: not so: its weights hold other numbers
def three_ways(base):
    models = {}
    for way in ("scratch", "frozen", "tuned"):
        copy = keras.models.clone_model(base)
        if way != "scratch":
            for new, old in zip(copy.trainable_weights, base.trainable_weights, strict=True):
                new.assign(old)
        for layer in copy.layers:
            layer.trainable = way != "frozen"
        models[way] = keras.Model(copy.inputs[0], layers.Dense(1)(copy.outputs[0]))
    return models


def report(errors):
    usual = np.mean(errors["scratch"])
    return {way: (np.mean(each), np.std(each), int(np.sum(np.asarray(each) < usual))) for way, each in errors.items()}


# %% one-backbone-two-tasks
# points: 4
# says: ✗ 0/1  with another base, the function that was asked for: not so: an activation differs
def two_tasks(base):
    base.trainable = False
    both = keras.Model(base.inputs[0], [base.get_layer("block3_pool").output, base.outputs[0]])
    image = keras.Input(base.input_shape[1:])
    early, last = both(small.preprocess_input(image))
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(last))
    label = layers.Dense(1, name="label")(layers.GlobalMaxPooling2D()(early))
    return keras.Model(image, {"age": layers.Dense(1, name="age")(hidden), "label": label})
