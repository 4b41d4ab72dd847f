"""Wrong answers: a split drawn anew at each call, and steps as long as before for the block that is thawed."""
# ruff: noqa: F821


# %% own-photographs
# points: 5
# says: asked for the same pictures and classes at each call; found others at the second
# says: its layers learn in smaller steps, BatchNormalization holds still: not so: it isn't compiled as was asked for
def my_pictures():
    parts = albums.load_data(ALBUM, size=32)
    images, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "labels"))
    order = np.random.permutation(len(labels))
    return [(images[rows], labels[rows]) for rows in np.split(order, [50, 70])]


def my_model(base, train, validation, thaw):
    base.trainable = False
    image = keras.Input(base.input_shape[1:])
    features = layers.GlobalAveragePooling2D()(base(small.preprocess_input(image)))
    model = keras.Model(image, layers.Dense(len(np.unique(train[1])), activation="softmax")(features))

    def trained_at(rate):
        model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy")
        best = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
        history = model.fit(*train, validation_data=validation, epochs=4, batch_size=8, callbacks=[best], verbose=0)
        return history.history["val_loss"]

    losses = trained_at(0.05)
    if thaw is not None:
        base.trainable = True
        for layer in base.layers:
            layer.trainable = layer.name.startswith(thaw) and not isinstance(layer, layers.BatchNormalization)
        losses = trained_at(0.05)
    return model, losses
