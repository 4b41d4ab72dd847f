"""Wrong answers: a base that nobody froze, and a block that is thawed inside a frozen base, without compile."""
# ruff: noqa: F821


# %% own-photographs
# points: 5
# says: asked for the weights of the base as they were; found
# says: ✗ 0/1  another base, one block thawed: its layers learn in smaller steps, BatchNormalization holds still
def my_pictures():
    return [(album.images, album.labels) for album in albums.load_data(ALBUM, size=32)]


def my_model(base, train, validation, thaw):
    base.trainable = True
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
        losses = trained_at(0.005)
    return model, losses
