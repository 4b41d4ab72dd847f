"""Wrong answers: the mean over a wrong axis, a kernel with gaps, rows against columns, the smaller spread, logits."""
# ruff: noqa: F821


# %% choose-merge
# points: 3
# says: ✗ 0/1  the laboratory: two readings (None, 12) in, one (None, 12) out, no parameters: asked for 1 output of
# says: ✗ 0/1  the shop: at most 20 numbers, no parameters: asked for at most (None, 20); found (None, 36)
def merge_readings(first, second):
    return keras.ops.mean(layers.Concatenate()([first, second]), axis=-1, keepdims=True)


def merge_basket(prices, amounts):
    return layers.Flatten()(layers.Reshape((6, 1))(prices) * layers.Reshape((1, 6))(amounts))


def merge_record(scan, notes):
    return layers.Concatenate()([scan, notes])


# %% branches-in-budget
# points: 3
# says: asked for at least 4 channels that depend on 5×5 positions, on all of them and on no others; found 0
# says: ✗ 0/1  other maps: the three scales, and new layers for each call: not so
def three_scales(x):
    details = layers.Conv2D(16, 1, activation="relu")(x)
    near = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.Conv2D(8, 1)(x))
    # It reaches as far as 5×5, and reads 9 of the 25 positions.
    far = layers.Conv2D(8, 3, dilation_rate=2, padding="same", activation="relu")(layers.Conv2D(8, 1)(x))
    return layers.Concatenate()([details, near, far])


# %% ablation
# points: 3
# says: ✗ 0/1  the errors that you report are those of your models: the error of
def train_ablations(wines, alcohol):
    def made(*names):
        entries, parts = [keras.Input(wines[name].shape[1:], name=name) for name in names], []
        for entry in entries:
            if entry.name == "numbers":
                scale = layers.Normalization()
                scale.adapt(wines["numbers"])
                parts.append(scale(entry))
            else:
                parts.append(layers.Flatten()(layers.Embedding(3, 2)(entry)))
        both = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
        start = keras.initializers.Constant(float(alcohol.mean()))
        model = keras.Model(entries, layers.Dense(1, bias_initializer=start)(both))
        model.compile(keras.optimizers.SGD(0.05), "mse")
        model.fit({name: wines[name] for name in names}, alcohol, epochs=6, batch_size=8, verbose=0)
        return model

    keras.utils.set_random_seed(3)
    return {
        "all": made("numbers", "cultivar"),
        "without cultivar": made("numbers"),
        "without numbers": made("cultivar"),
    }


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        errors[name] = float(np.mean(np.abs(model.predict(given, verbose=0) - targets)))
    needed = [name for name in inputs if errors[f"without {name}"] > 1.1 * errors["all"]]
    return {"errors": errors, "needed": needed}


# %% measure-merges
# points: 2
# says: ✗ 0/1  one score for each of five seeds and both merges; they differ between seeds: asked for a dict with
# says: ✗ 0/1  the decision follows from the scores: mean, spread, and which is better: asked for a dict with
def measure(seeds, films, liked):
    scores = []
    for merge in ("concatenate", "multiply"):
        runs = trained(
            lambda merge=merge: make_taste_model(merge), films_train, liked_train, epochs=2, batch_size=32, seeds=seeds
        )
        scores.append([float(np.mean((model.predict(films, verbose=0)[:, 0] > 0.5) == liked)) for model in runs])
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-two-inputs
# points: 3
# says: ✗ 0/2  on the examples held out it beats the baseline: asked for the probability of class 1, from 0 to 1, since
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so: its numbers are no
def my_data():
    from sklearn.datasets import load_breast_cancer

    rows, benign = load_breast_cancer(return_X_y=True)
    rows = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype("float32")
    parts = {"means": rows[:, :10], "others": rows[:, 10:]}
    return ({name: part[:400] for name, part in parts.items()}, benign[:400]), (
        {name: part[400:] for name, part in parts.items()},
        benign[400:],
    )


def my_model(x_train, y_train):
    entries = [keras.Input(rows.shape[1:], name=name) for name, rows in x_train.items()]
    branches = [layers.Dense(8, activation="relu")(entry) for entry in entries]
    model = keras.Model(entries, layers.Dense(1)(layers.Concatenate()(branches)))
    model.compile(keras.optimizers.SGD(0.1), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(x_train, y_train, epochs=5, batch_size=20, verbose=0)
    return model
