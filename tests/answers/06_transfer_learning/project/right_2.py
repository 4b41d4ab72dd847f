"""Right answers: a copy of the base, logits with a softmax behind, pictures made in the cell."""
# ruff: noqa: F821


# %% own-photographs
# points: 7
def my_pictures():
    faces, who = portraits.draw_people(3, 40, size=32, seed=11)
    place = np.arange(len(who)) % 40
    return [
        (faces.images[rows].astype("float32"), who[rows])
        for rows in (place < 16, (place >= 16) & (place < 24), place >= 24)
    ]


def my_model(base, train, validation, thaw):
    copy = keras.models.clone_model(base)
    copy.set_weights(base.get_weights())
    copy.trainable = False
    image = keras.Input(base.input_shape[1:])
    rows = layers.GlobalMaxPooling2D()(copy((image - 115) / 64))
    hidden = layers.Dense(16, activation="relu")(rows)
    model = keras.Model(image, layers.Softmax()(layers.Dense(int(np.max(train[1])) + 1)(hidden)))
    losses = train_on(model, 0.005, train, validation)
    if thaw:
        copy.trainable = True
        for layer in copy.layers:
            layer.trainable = layer.name.startswith(thaw) and not isinstance(layer, layers.BatchNormalization)
        losses = train_on(model, 0.0005, train, validation)
    return model, losses


def train_on(model, rate, train, validation):
    model.compile(keras.optimizers.Adam(rate), loss=keras.losses.SparseCategoricalCrossentropy())
    best, losses = None, []
    for _ in range(4):
        model.fit(*train, batch_size=8, verbose=0)
        losses.append(model.evaluate(*validation, verbose=0))
        if losses[-1] == min(losses):
            best = model.get_weights()
    model.set_weights(best)
    return np.array(losses)
