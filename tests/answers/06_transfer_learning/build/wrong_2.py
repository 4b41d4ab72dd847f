"""Wrong answers: the maximum for the mean, plain division by 255, a copied head, part of what has to be frozen."""
# ruff: noqa: F821


# %% extract-features
# points: 4
# says: ✗ 0/1  the means of the maps, also of other layers: not so
def features_of(base, name):
    return keras.Model(base.inputs[0], layers.GlobalMaxPooling2D()(base.get_layer(name).output))


# %% frozen-head
# points: 4
# says: ✗ 0/1  the function that was asked for, on images with values from 0 to 255: not so
def label_model(base, units):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    rows = layers.GlobalAveragePooling2D()(base(layers.Rescaling(1 / 255)(image)))
    hidden = layers.Dense(units, activation="relu")(rows)
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(hidden))


# %% precompute
# points: 4
# says: ✗ 0/1  the head is trained on the features, for that many epochs: not so
# says: ✗ 0/1  one model of the base and the head themselves gives the head's answers: not so
def features_once(base, images):
    return base.predict(images, verbose=0)


def trained_and_joined(base, head, features, y, epochs):
    copy = keras.models.clone_model(head)
    copy.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    copy.fit(features, y, epochs=epochs, verbose=0)
    return keras.Model(base.inputs[0], copy(base.outputs[0]))


# %% last-block
# points: 1
# says: asked for 221,696 trainable parameters; found 297,552
# says: ✗ 0/1  in training, these weights change and no others, statistics included: not so
def only_block(base, block):
    for layer in base.layers:
        if layer.name.startswith(block):
            layer.trainable = True
    return base


# %% fine-tune-still
# points: 3
# says: ✗ 0/1  another base with a model inside, frozen before: just these weights train: not so
# says: ✗ 0/1  in training, these weights change, and nothing of BatchNormalization: not so
# says: ✗ 0/1  Adam with the rate that was given, binary cross-entropy: not so
def ready_to_tune(model, base, rate):
    base.trainable = True
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


# %% three-ways
# points: 3
# says: ✗ 0/1  another base, with a frozen layer: `scratch` has new numbers, each time others, and all of it
# says: asked for (5, 1, 0) for 'scratch'; found (5.0, 1.414214, 0.0)
def three_ways(base):
    models = {}
    for way in ("scratch", "frozen", "tuned"):
        copy = keras.models.clone_model(base)
        for layer in copy.layers:
            layer.trainable = way == "tuned"
        if way != "scratch":
            copy.set_weights(base.get_weights())
        image = keras.Input(base.input_shape[1:])
        models[way] = keras.Model(image, layers.Dense(1)(copy(image)))
    return models


def report(errors):
    plain = np.asarray(errors["scratch"])
    return {way: (np.mean(each), np.std(each, ddof=1), int(np.sum(each < plain))) for way, each in errors.items()}


# %% one-backbone-two-tasks
# points: 3
# says: asked for 3,186 trainable parameters; found 300,738
# says: ✗ 0/1  through `fit`, nothing in the base changes: not so
def two_tasks(base):
    both = keras.Model(base.inputs[0], [base.get_layer("block3_pool").output, base.outputs[0]])
    image = keras.Input(base.input_shape[1:])
    early, last = both(small.preprocess_input(image))
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(last))
    label = layers.Dense(1, activation="sigmoid")(layers.GlobalMaxPooling2D()(early))
    return keras.Model(image, {"age": layers.Dense(1)(hidden), "label": label})
