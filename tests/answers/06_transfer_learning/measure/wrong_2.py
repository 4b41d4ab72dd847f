"""Wrong answers: one seed for all, a single lucky run that decides about the rate."""
# ruff: noqa: F821


# %% measure-transfer
# points: 2
# says: ✗ 0/1  one score for each of five seeds, for both ways and both sets; they differ between seeds: asked for
# says: ✗ 0/1  `report` of made-up scores: the rate chosen on the validation pictures, the rest from the test
def measure(base, way, rate, seeds, train, held_out):
    sets = {"train": train, **held_out}
    if way == "frozen":
        sets = {name: (np.array(base(images, training=False)), labels) for name, (images, labels) in sets.items()}

    def build():
        entry = keras.Input(sets["train"][0].shape[1:])
        features = entry if way == "frozen" else keras.models.clone_model(base)(entry)
        people = int(train[1].max()) + 1
        return compiled(keras.Model(entry, layers.Dense(people, activation="softmax")(features)), rate)

    (model,) = trained(build, *sets["train"], epochs=EPOCHS, batch_size=BATCH, seeds=(0,))
    scores = {}
    for name in held_out:
        images, labels = sets[name]
        scores[name] = [np.mean(np.argmax(model(images, training=False), axis=1) == labels)] * len(seeds)
    return scores


def report(validation, test):
    rate = {way: max(scores, key=lambda each: max(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(test[way][rate[way]]) for way in test}
    spread = {way: np.std(test[way][rate[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"rate": rate, "mean": mean, "spread": spread, "better": better}
