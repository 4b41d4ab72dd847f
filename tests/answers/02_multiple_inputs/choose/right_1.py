"""Right answers: operations in place of layers, more than was needed, loops with fit, small kernels in a row."""
# ruff: noqa: F821


# %% choose-merge
# points: 6
def merge_readings(first, second):
    return (first + second) / 2


def merge_basket(prices, amounts):
    return keras.ops.concatenate([prices * amounts, amounts, prices], axis=-1)


def merge_record(scan, notes):
    return keras.ops.concatenate([notes, scan], axis=1)


# %% branches-in-budget
# points: 5
def three_scales(x):
    small = layers.Conv2D(8, 1, activation="relu")(x)
    near = layers.Conv2D(8, 3, padding="same", activation="relu")(small)
    far = layers.Conv2D(8, 3, padding="same", activation="relu")(near)
    plain = layers.Conv2D(8, 1)(x)
    return layers.concatenate([far, near, small, plain])


# %% ablation
# points: 6
ENTRIES = {"numbers": 12, "cultivar": 1}


def train_ablations(wines, alcohol):
    models = {}
    for left_out in (None, "cultivar", "numbers"):
        entries = {name: keras.Input((size,), name=name) for name, size in ENTRIES.items() if name != left_out}
        parts = []
        if "numbers" in entries:
            mean, spread = wines["numbers"].mean(axis=0), wines["numbers"].std(axis=0)
            parts.append(layers.Rescaling(list(1 / spread), list(-mean / spread))(entries["numbers"]))
        if "cultivar" in entries:
            parts.append(layers.CategoryEncoding(3, output_mode="one_hot")(entries["cultivar"]))
        out = layers.Dense(1)(layers.concatenate(parts) if len(parts) > 1 else parts[0])
        out = layers.Rescaling(1.0, float(alcohol.mean()))(out)
        model = keras.Model(entries, out)
        model.compile(keras.optimizers.SGD(0.05), "mse")
        model.fit({name: wines[name] for name in entries}, alcohol, epochs=6, batch_size=10, verbose=0)
        models["without " + left_out if left_out else "all"] = model
    return models


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        left_out = name.removeprefix("without ")
        given = {each: rows for each, rows in inputs.items() if each != left_out}
        answers = model.predict(given, verbose=0)
        errors[name] = np.abs(answers.squeeze(axis=1) - targets).mean()
    return {"needed": {name for name in inputs if errors["without " + name] / errors["all"] > 1.1}, "errors": errors}


# %% measure-merges
# points: 6
def measure(seeds, films, liked):
    def score(merge, seed):
        keras.utils.set_random_seed(seed)
        model = make_taste_model(merge)
        order = np.random.default_rng(seed).permutation(len(liked_train))
        rows = {name: array[order] for name, array in films_train.items()}
        model.fit(rows, liked_train[order], epochs=2, batch_size=32, verbose=0)
        return np.mean((model.predict(films, verbose=0)[:, 0] > 0.5) == liked)

    return {merge: np.array([score(merge, seed) for seed in seeds]) for merge in ("multiply", "concatenate")}


def decide(scores):
    mean = {name: sum(numbers) / len(numbers) for name, numbers in scores.items()}
    spread = {
        name: (sum((number - mean[name]) ** 2 for number in numbers) / (len(numbers) - 1)) ** 0.5
        for name, numbers in scores.items()
    }
    better = None
    for one in scores:
        for other in scores:
            if mean[one] - mean[other] > max(spread[one], spread[other]):
                better = one
    return {"mean": mean, "spread": spread, "better": better}


# %% own-two-inputs
# points: 6
def my_data():
    generator = np.random.default_rng(1)
    area = generator.uniform(20, 120, size=(400, 1)).astype("float32")
    district = generator.integers(4, size=(400, 1))
    per_metre = np.array([9.0, 12.0, 15.0, 21.0])[district]
    rent = (area * per_metre + generator.normal(scale=40, size=(400, 1)))[:, 0].astype("float32")
    flats = {"area": area, "district": district}
    return ({name: rows[:300] for name, rows in flats.items()}, rent[:300]), (
        {name: rows[300:] for name, rows in flats.items()},
        rent[300:],
    )


def my_model(x_train, y_train):
    area = keras.Input((1,), name="area")
    district = keras.Input((1,), dtype="int32", name="district")
    own = layers.Flatten()(layers.Embedding(4, 1, embeddings_initializer="ones")(district))
    scaled = layers.Rescaling(1 / 60)(area)
    rent = layers.Dense(1)(layers.Concatenate()([scaled * own, own, scaled]))
    centre, size = float(y_train.mean()), float(y_train.std())
    model = keras.Model({"area": area, "district": district}, layers.Rescaling(size, centre)(rent))
    model.compile(keras.optimizers.Adam(0.05), keras.losses.MeanAbsoluteError())
    model.fit(x_train, y_train, epochs=10, batch_size=20, verbose=0)
    return model
