"""Right answers: a table of ways, a network from its description as text, the statistics module."""
# ruff: noqa: F821

# %% measure-transfer
# points: 6
import statistics


def measure(base, way, rate, seeds, train, held_out):
    units = len(set(np.asarray(train[1]).tolist()))
    blueprint = base.to_json()

    def in_numbers(images):
        return base.predict_on_batch(images) if way == "frozen" else np.asarray(images)

    def network():
        if way == "frozen":
            entry = rows = keras.Input(shape=(base.output_shape[-1],))
        else:
            fresh = keras.models.model_from_json(blueprint)
            entry = keras.Input(shape=base.input_shape[1:])
            rows = fresh(entry)
        scores = layers.Dense(units, name="who")(rows)
        return compiled(keras.Model(inputs=entry, outputs=keras.ops.softmax(scores)), rate)

    def run(seed):
        keras.utils.set_random_seed(seed)
        model = network()
        model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
        hits = [
            keras.metrics.sparse_categorical_accuracy(labels, model.predict_on_batch(rows)) for rows, labels in sets
        ]
        return [float(keras.ops.mean(each)) for each in hits]

    x, y = in_numbers(train[0]), np.asarray(train[1])
    sets = [(in_numbers(images), labels) for images, labels in held_out.values()]
    columns = zip(*[run(seed) for seed in seeds], strict=True)
    return {name: list(column) for name, column in zip(held_out, columns, strict=True)}


def report(validation, test):
    found = {"rate": {}, "mean": {}, "spread": {}, "better": None}
    for way, scores in validation.items():
        ranked = sorted(((statistics.fmean(each), rate) for rate, each in scores.items()), reverse=True)
        rate = ranked[0][1]
        chosen = [float(score) for score in test[way][rate]]
        found["rate"][way], found["mean"][way] = rate, statistics.fmean(chosen)
        found["spread"][way] = statistics.pstdev(chosen)
    (one, first), (other, second) = found["mean"].items()
    if abs(first - second) > max(found["spread"].values()):
        found["better"] = one if first > second else other
    return found
