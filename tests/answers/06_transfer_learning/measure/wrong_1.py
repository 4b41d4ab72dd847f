"""Wrong answers: a network from scratch that begins with what was learned, and rates chosen on the test pictures."""
# ruff: noqa: F821


# %% measure-transfer
# points: 3
# says: ✗ 0/1  `report` of made-up scores: the rate chosen on the validation pictures, the rest from the test
# says: ✗ 0/1  `scratch` begins anew, alike from the same seed, and is scored on each set
def measure(base, way, rate, seeds, train, held_out):
    people = len(np.unique(train[1]))

    def build():
        copy = keras.models.clone_model(base)
        copy.set_weights(base.get_weights())
        copy.trainable = way == "scratch"
        answers = layers.Dense(people, activation="softmax")(copy.outputs[0])
        return compiled(keras.Model(copy.inputs[0], answers), rate)

    scores = {name: [] for name in held_out}
    for model in trained(build, *train, epochs=EPOCHS, batch_size=BATCH, seeds=seeds):
        for name, (images, labels) in held_out.items():
            scores[name].append(np.mean(np.argmax(model(images, training=False), axis=1) == labels))
    return scores


def report(validation, test):
    rate = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in test.items()}
    mean = {way: np.mean(test[way][rate[way]]) for way in test}
    spread = {way: np.std(test[way][rate[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"rate": rate, "mean": mean, "spread": spread, "better": better}
