"""Right answers: a data set of Keras's from the folder, the best weights by way of a file, one epoch at a time."""
# ruff: noqa: F821


# %% own-photographs
# points: 7
def my_pictures():
    files = keras.utils.image_dataset_from_directory(
        ALBUM, image_size=(32, 32), batch_size=None, shuffle=False, verbose=False
    )
    images, labels = (np.stack(each) for each in zip(*files.as_numpy_iterator(), strict=True))
    place = np.concatenate([np.arange(count) for count in np.bincount(labels)])
    return tuple((images[rows], labels[rows]) for rows in (place < 14, (place >= 14) & (place < 18), place >= 18))


def my_model(base, train, validation, thaw):
    import os
    import tempfile

    folder = tempfile.mkdtemp()

    def fitted(model, rate, name, epochs=4):
        path = os.path.join(folder, f"{name}.weights.h5")
        best = keras.callbacks.ModelCheckpoint(path, monitor="val_loss", save_best_only=True, save_weights_only=True)
        losses = keras.callbacks.History()
        model.compile(
            optimizer=keras.optimizers.Adam(learning_rate=rate), loss=keras.losses.sparse_categorical_crossentropy
        )
        model.fit(
            x=train[0],
            y=train[1],
            validation_data=validation,
            batch_size=8,
            epochs=epochs,
            callbacks=[best, losses],
            verbose=0,
        )
        model.load_weights(path)
        return losses.history["val_loss"]

    for layer in base.layers:
        layer.trainable = False
    stack = keras.Sequential([keras.Input(base.input_shape[1:]), layers.Rescaling(1 / 64, offset=-115 / 64), base])
    stack.add(layers.GlobalAveragePooling2D())
    stack.add(layers.Dense(len(np.unique(train[1])), activation="softmax"))
    model = keras.Model(stack.inputs, stack.outputs[0])
    losses = fitted(model, 0.01, "top")
    if thaw is None:
        return model, losses
    for layer in base.layers:
        if layer.name.startswith(thaw) and layer.__class__.__name__ != "BatchNormalization":
            layer.trainable = True
    return model, fitted(model, 0.001, "block")
