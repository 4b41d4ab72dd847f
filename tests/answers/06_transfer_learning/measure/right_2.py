"""Right answers: the base stays in the model, pixels in, and a frozen copy computes in every step."""
# ruff: noqa: F821


# %% measure-transfer
# points: 6
def measure(base, way, rate, seeds, train, held_out):
    def build():
        copy = keras.models.clone_model(base)
        if way == "frozen":
            copy.set_weights(base.get_weights())
            copy.trainable = False
        image = keras.Input(base.input_shape[1:])
        answers = layers.Dense(int(np.max(train[1])) + 1)(copy(image))
        return compiled(keras.Model(image, layers.Softmax()(answers)), rate)

    scores = [
        [np.mean(checks.outputs_of(model, images)[0].argmax(axis=1) == labels) for images, labels in held_out.values()]
        for model in trained(build, *train, epochs=EPOCHS, batch_size=BATCH, seeds=seeds)
    ]
    return dict(zip(held_out, np.transpose(scores), strict=True))


def report(validation, test):
    rate, mean, spread = {}, {}, {}
    for way in validation:
        rates = list(validation[way])
        rate[way] = rates[np.argmax([np.mean(validation[way][each]) for each in rates])]
        chosen = np.array(test[way][rate[way]])
        mean[way], spread[way] = chosen.mean(), chosen.std()
    ahead = max(mean, key=mean.get)
    apart = max(mean.values()) - min(mean.values())
    return {"rate": rate, "mean": mean, "spread": spread, "better": ahead if apart > max(spread.values()) else None}
