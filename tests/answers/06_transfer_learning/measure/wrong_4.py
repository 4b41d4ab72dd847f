"""Wrong answers: features made in training mode, and a way that is better by whatever it is ahead."""
# ruff: noqa: F821


# %% measure-transfer
# points: 4
# says: ✗ 0/1  `frozen` learns nothing but the dense layer, on the features of the base given
# says: ✗ 0/1  `report` of other scores: another order, three rates, a lead within the spread
def measure(base, way, rate, seeds, train, held_out):
    people = len(np.unique(train[1]))
    sets = {"train": train, **held_out}
    if way == "frozen":
        sets = {name: (np.array(base(images, training=True)), labels) for name, (images, labels) in sets.items()}

    def build():
        entry = keras.Input(sets["train"][0].shape[1:])
        features = entry if way == "frozen" else keras.models.clone_model(base)(entry)
        return compiled(keras.Model(entry, layers.Dense(people, activation="softmax")(features)), rate)

    scores = {name: [] for name in held_out}
    for model in trained(build, *sets["train"], epochs=EPOCHS, batch_size=BATCH, seeds=seeds):
        for name in held_out:
            images, labels = sets[name]
            scores[name].append(np.mean(np.argmax(model(images, training=False), axis=1) == labels))
    return scores


def report(validation, test):
    rate = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(test[way][rate[way]]) for way in test}
    spread = {way: np.std(test[way][rate[way]]) for way in test}
    return {"rate": rate, "mean": mean, "spread": spread, "better": max(mean, key=mean.get)}
