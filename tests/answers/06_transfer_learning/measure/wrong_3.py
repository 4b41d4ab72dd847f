"""Wrong answers: "frozen" that trains everything, and means of the pictures that were used for choosing."""
# ruff: noqa: F821


# %% measure-transfer
# points: 2
# says: asked of 'frozen' for a mean above 80%
# says: ✗ 0/1  `report` of made-up scores: the rate chosen on the validation pictures, the rest from the test
# says: ✗ 0/1  `frozen` learns nothing but the dense layer, on the features of the base given
def measure(base, way, rate, seeds, train, held_out):
    people = len(np.unique(train[1]))

    def build():
        copy = keras.models.clone_model(base)
        if way == "frozen":
            copy.set_weights(base.get_weights())
        entry = keras.Input(base.input_shape[1:])
        # The weights train, whatever this argument says.
        answers = layers.Dense(people, activation="softmax")(copy(entry, training=False if way == "frozen" else None))
        return compiled(keras.Model(entry, answers), rate)

    scores = {name: [] for name in held_out}
    for model in trained(build, *train, epochs=EPOCHS, batch_size=BATCH, seeds=seeds):
        for name, (images, labels) in held_out.items():
            scores[name].append(np.mean(np.argmax(model(images, training=False), axis=1) == labels))
    return scores


def report(validation, test):
    rate = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(validation[way][rate[way]]) for way in test}
    spread = {way: np.std(validation[way][rate[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"rate": rate, "mean": mean, "spread": spread, "better": better}
