"""Wrong answers: the test pictures are trained on too, and BatchNormalization is thawed with its block."""
# ruff: noqa: F821


# %% own-photographs
# points: 4
# says: ✗ 0/1  no picture is in two of them: asked for at most 0%
# says: ✗ 0/1  another base, one block thawed: its layers learn in smaller steps, BatchNormalization holds still
def my_pictures():
    train, validation, test = albums.load_data(ALBUM, size=32)
    images, labels = np.concatenate([train.images, test.images]), np.concatenate([train.labels, test.labels])
    return (images, labels), (validation.images, validation.labels), (test.images, test.labels)


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
            layer.trainable = layer.name.startswith(thaw)
        losses = trained_at(0.005)
    return model, losses
