"""Wrong answers: copies without numbers, nothing frozen, flags in the wrong order, scratch that is no scratch."""
# ruff: noqa: F821


# %% extract-features
# points: 3
# says: ✗ 0/1  another base: its own weights up to the layer, and it stays as it is: not so
# says: ✗ 0/1  the means of the maps, also of other layers: not so
def features_of(base, name):
    copy = keras.models.clone_model(base)
    return keras.Model(copy.inputs[0], layers.GlobalAveragePooling2D()(copy.get_layer(name).output))


# %% frozen-head
# points: 2
# says: asked for 2,081 trainable parameters; found 299,633
# says: ✗ 0/1  through `fit`, nothing in it changes, and the head learns: not so
def label_model(base, units):
    image = keras.Input(base.input_shape[1:])
    maps = base(small.preprocess_input(image), training=False)
    hidden = layers.Dense(units, activation="relu")(layers.GlobalAveragePooling2D()(maps))
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(hidden))


# %% precompute
# points: 4
# says: ✗ 0/1  70 images and another base: what it gives in inference, in order: not so
# says: ✗ 0/1  through both functions, the base stays as it is: not so
def features_once(base, images):
    return keras.ops.convert_to_numpy(base(images, training=True))


def trained_and_joined(base, head, features, y, epochs):
    head.fit(features, y, epochs=epochs, verbose=0)
    return keras.Model(base.inputs[0], head(base.outputs[0]))


# %% last-block
# points: 2
# says: asked for 221,696 trainable parameters; found 0
# says: ✗ 0/1  another base, frozen before as a whole: these weights train in it: not so
def only_block(base, block):
    base.trainable = False
    for layer in base.layers:
        if layer.name.startswith(block):
            layer.trainable = True
    return base


# %% fine-tune-still
# points: 2
# says: asked for 296,913 trainable parameters; found 297,681
# says: statistics that training leaves alone
# says: ✗ 0/1  in training, these weights change, and nothing of BatchNormalization: not so
def ready_to_tune(model, base, rate):
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    base.trainable = False
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    return model


# %% three-ways
# points: 5
# says: ✗ 0/1  another base, with a frozen layer: `scratch` has new numbers, each time others, and all of it
def three_ways(base):
    models = {}
    for way in ("scratch", "frozen", "tuned"):
        copy = keras.models.clone_model(base)
        copy.set_weights(base.get_weights())
        for layer in copy.layers:
            layer.trainable = way != "frozen"
        models[way] = keras.Model(copy.inputs[0], layers.Dense(1)(copy.outputs[0]))
    return models


def report(errors):
    plain = np.asarray(errors["scratch"])
    return {way: (np.mean(each), np.std(each), int(np.sum(each < plain))) for way, each in errors.items()}


# %% one-backbone-two-tasks
# points: 4
# says: ✗ 0/1  the base itself, and each of its layers once: not so
def two_tasks(base):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    prepared = small.preprocess_input(image)
    last = base(prepared)
    early = keras.Model(base.inputs[0], base.get_layer("block3_pool").output)(prepared)
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(last))
    label = layers.Dense(1, activation="sigmoid")(layers.GlobalMaxPooling2D()(early))
    return keras.Model(image, {"age": layers.Dense(1)(hidden), "label": label})
