"""Wrong answers: a chain where there is a graph, a frozen copy, one epoch for many, weights that are shared."""
# ruff: noqa: F821


# %% extract-features
# points: 2
# says: ✗ 0/1  another base: its own weights up to the layer, and it stays as it is:
# says: ✗ 0/1  the means of the maps, also of other layers:
def features_of(base, name):
    place = [layer.name for layer in base.layers].index(name)
    image = x = keras.Input(base.input_shape[1:])
    for layer in base.layers[1 : place + 1]:
        x = layer(x)
    return keras.Model(image, layers.GlobalAveragePooling2D()(x))


# %% frozen-head
# points: 2
# says: ✗ 0/1  another base: it is the base itself, and frozen: not so
# says: ✗ 0/1  through `fit`, nothing in it changes, and the head learns: not so
def label_model(base, units):
    copy = keras.models.clone_model(base)
    copy.set_weights(base.get_weights())
    copy.trainable = False
    image = keras.Input(base.input_shape[1:])
    maps = copy(small.preprocess_input(image))
    hidden = layers.Dense(units, activation="relu")(layers.GlobalAveragePooling2D()(maps))
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(hidden))


# %% precompute
# points: 4
# says: ✗ 0/1  through both functions, the base stays as it is: not so
# says: ✗ 0/1  the head is trained on the features, for that many epochs: not so
def features_once(base, images):
    base.trainable = False
    return base.predict(images, verbose=0)


def trained_and_joined(base, head, features, y, epochs):
    head.fit(features, y, verbose=0)
    return keras.Model(base.inputs[0], head(base.outputs[0]))


# %% last-block
# points: 1
# says: asked for 64,768 trainable parameters; found 221,696
# says: ✗ 0/1  frozen before layer by layer: these weights train in a model built on it: not so
def only_block(base, block):
    base.trainable = True
    for layer in base.layers[:-7]:
        layer.trainable = False
    return base


# %% fine-tune-still
# points: 3
# says: asked for 296,913 trainable parameters; found 129
# says: ✗ 0/1  another base with a model inside, frozen before: just these weights train: not so
def ready_to_tune(model, base, rate):
    base.trainable = False
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    return model


# %% three-ways
# points: 1
# says: ✗ 0/1  another base, with a frozen layer: `scratch` has new numbers, each time others, and all of it
# says: ✗ 0/1  `frozen` and `tuned` begin with its numbers; the head trains, or everything: not so
# says: ✗ 0/1  no weight is shared, and the base stays as it is: not so
def three_ways(base):
    models = {}
    for way in ("scratch", "frozen", "tuned"):
        part = keras.models.clone_model(base) if way == "scratch" else base
        for layer in part.layers:
            layer.trainable = way != "frozen"
        image = keras.Input(base.input_shape[1:])
        models[way] = keras.Model(image, layers.Dense(1)(part(image)))
    return models


def report(errors):
    best = np.min([np.asarray(each) for each in errors.values()], axis=0)
    return {way: (np.mean(each), np.std(each), int(np.sum(each == best))) for way, each in errors.items()}


# %% one-backbone-two-tasks
# points: 4
# says: ✗ 0/1  with another base, the function that was asked for: not so
def two_tasks(base):
    base.trainable = False
    both = keras.Model(base.inputs[0], [base.get_layer("block3_pool").output, base.outputs[0]])
    image = keras.Input(base.input_shape[1:])
    early, last = both(image)
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(last))
    label = layers.Dense(1, activation="sigmoid")(layers.GlobalMaxPooling2D()(early))
    return keras.Model(image, {"age": layers.Dense(1)(hidden), "label": label})
