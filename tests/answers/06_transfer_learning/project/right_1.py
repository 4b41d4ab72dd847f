"""Right answers: features once and a head that is joined to the base, a split by hand, a callback of its own."""
# ruff: noqa: F821


# %% own-photographs
# points: 7
def my_pictures():
    sides = [([], []), ([], []), ([], [])]
    for number, folder in enumerate(sorted(ALBUM.iterdir())):
        for place, path in enumerate(sorted(folder.iterdir())):
            images, labels = sides[{0: 1, 1: 2}.get(place % 4, 0)]
            images.append(keras.utils.img_to_array(keras.utils.load_img(path, target_size=(32, 32))))
            labels.append(number)
    return [(np.stack(images), np.array(labels)) for images, labels in sides]


class Keep(keras.callbacks.Callback):
    """Keeps the weights of the best epoch."""

    def on_train_begin(self, logs=None):
        self.losses, self.weights = [], None

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < min(self.losses, default=np.inf):
            self.weights = self.model.get_weights()
        self.losses.append(logs["val_loss"])


def my_model(base, train, validation, thaw):
    def vectors(images):
        return base(small.preprocess_input(images), training=False)

    head = keras.Sequential(
        [
            keras.Input(base.output_shape[1:]),
            layers.GlobalAveragePooling2D(),
            layers.Dense(len(np.unique(train[1])), activation="softmax"),
        ]
    )
    head.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
    keep = Keep()
    known = (vectors(validation[0]), validation[1])
    head.fit(vectors(train[0]), train[1], validation_data=known, epochs=6, batch_size=8, callbacks=[keep], verbose=0)
    head.set_weights(keep.weights)

    image = keras.Input(base.input_shape[1:])
    model = keras.Model(image, head(base(layers.Rescaling(1 / 64, offset=-115 / 64)(image))))
    for layer in base.layers:
        layer.trainable = thaw is not None and layer.name.startswith(thaw) and "_bn" not in layer.name
    if thaw is not None:
        model.compile(keras.optimizers.SGD(0.005, momentum=0.9), "sparse_categorical_crossentropy")
        model.fit(*train, validation_data=validation, epochs=3, batch_size=8, callbacks=[keep], verbose=0)
        model.set_weights(keep.weights)
    return model, keep.losses
