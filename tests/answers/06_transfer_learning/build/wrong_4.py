"""Wrong answers: flat maps, raw pixels, a head compiled anew, a text anywhere in a name, flags left as they were."""
# ruff: noqa: F821


# %% extract-features
# points: 4
# says: the base stays as it is: asked for 'small' as it was; found a different `trainable`
def features_of(base, name):
    base.trainable = False
    maps = base.get_layer(name).output
    return keras.Model(base.inputs[0], layers.GlobalAveragePooling2D()(maps))


# %% frozen-head
# points: 4
# says: ✗ 0/1  the function that was asked for, on images with values from 0 to 255: not so
def label_model(base, units):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    hidden = layers.Dense(units, activation="relu")(layers.GlobalAveragePooling2D()(base(image)))
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(hidden))


# %% precompute
# points: 4
# says: ✗ 0/1  70 images and another base: what it gives in inference, in order: not so: it prints something
# says: ✗ 0/1  the head is trained on the features, for that many epochs: not so: its numbers differ
def features_once(base, images):
    features = base.predict(images, verbose=0)
    print("features", features.shape)
    return features


def trained_and_joined(base, head, features, y, epochs):
    head.compile(optimizer="adam", loss="mse")
    head.fit(features, y, epochs=epochs, verbose=0)
    return keras.Model(base.inputs[0], head(base.outputs[0]))


# %% last-block
# points: 3
# says: ✗ 0/1  another base, frozen before as a whole: these weights train in it: not so
def only_block(base, block):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = block in layer.name
    return base


# %% fine-tune-still
# points: 4
# says: ✗ 0/1  in training, these weights change, and nothing of BatchNormalization: not so
def ready_to_tune(model, base, rate):
    def thaw(part):
        part.trainable = True
        for layer in part.layers:
            if isinstance(layer, keras.Model):
                thaw(layer)
            else:
                layer.trainable = "bn" not in layer.name

    thaw(base)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    return model


# %% three-ways
# points: 2
# says: `report` of two seeds: asked for (5, 1, 0) for 'scratch'; found (5.0, 1.0, 2.0)
# says: ✗ 0/1  `frozen` and `tuned` begin with its numbers; the head trains, or everything: not so
def three_ways(base):
    models = {}
    for way in ("scratch", "frozen", "tuned"):
        copy = keras.models.clone_model(base)
        if way == "frozen":
            copy.trainable = False
        if way != "scratch":
            copy.set_weights(base.get_weights())
        image = keras.Input(base.input_shape[1:])
        models[way] = keras.Model(image, layers.Dense(1)(copy(image)))
    return models


def report(errors):
    scratch = np.asarray(errors["scratch"])
    return {way: (np.mean(each), np.std(each), int(np.sum(each <= scratch))) for way, each in errors.items()}


# %% one-backbone-two-tasks
# points: 4
# says: ✗ 0/1  with another base, the function that was asked for: not so: the pooling differs
def two_tasks(base):
    base.trainable = False
    both = keras.Model(base.inputs[0], [base.get_layer("block3_pool").output, base.outputs[0]])
    image = keras.Input(base.input_shape[1:])
    early, last = both(small.preprocess_input(image))
    hidden = layers.Dense(24, activation="relu")(layers.GlobalAveragePooling2D()(last))
    label = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling2D()(early))
    return keras.Model(image, {"age": layers.Dense(1)(hidden), "label": label})
