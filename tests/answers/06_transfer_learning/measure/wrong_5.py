"""Wrong answers: a network that goes on where the last seed left it, the range as the spread."""
# ruff: noqa: F821


# %% measure-transfer
# points: 3
# says: alike from the same seed, and is scored on each set: not so: the same seed gives other numbers
# says: `report` of made-up scores: the rate chosen on the validation pictures, the rest from the test: asked for
def measure(base, way, rate, seeds, train, held_out):
    people = len(np.unique(train[1]))
    sets = {"train": train, **held_out}
    if way == "frozen":
        sets = {name: (np.array(base(images, training=False)), labels) for name, (images, labels) in sets.items()}

    entry = keras.Input(sets["train"][0].shape[1:])
    features = entry if way == "frozen" else keras.models.clone_model(base)(entry)
    model = compiled(keras.Model(entry, layers.Dense(people, activation="softmax")(features)), rate)
    scores = {name: [] for name in held_out}
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.fit(*sets["train"], epochs=EPOCHS, batch_size=BATCH, verbose=0)
        for name in held_out:
            images, labels = sets[name]
            scores[name].append(np.mean(np.argmax(model(images, training=False), axis=1) == labels))
    return scores


def report(validation, test):
    rate = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(test[way][rate[way]]) for way in test}
    spread = {way: np.ptp(test[way][rate[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"rate": rate, "mean": mean, "spread": spread, "better": better}
