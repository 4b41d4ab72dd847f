"""Wrong answers: merges that fit and lose what was asked for, a stack in place of branches, scores of one seed."""
# ruff: noqa: F821


# %% choose-merge
# points: 2
# says: the laboratory: where both agree, that value; else the one halfway between: asked for the value on which both
# says: ✗ 0/1  the shop: a linear layer can work out what is charged for each of the goods: not so
# says: ✗ 0/1  the archive: at most 13 numbers, no parameters: asked for at most (None, 13); found (None, 40)
def merge_readings(first, second):
    return layers.Add()([first, second])


def merge_basket(prices, amounts):
    return layers.Concatenate()([prices, amounts])


def merge_record(scan, notes):
    scan, notes = layers.Reshape((8, 1))(scan), layers.Reshape((1, 5))(notes)
    return layers.Flatten()(scan + notes)


# %% branches-in-budget
# points: 3
# says: ✗ 0/1  at least four channels of each scale: 1×1, 3×3 and 5×5 positions: asked for at least 4 channels that
def three_scales(x):
    x = layers.Conv2D(8, 1, activation="relu")(x)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    return layers.Conv2D(32, 1, activation="relu")(x)


# %% ablation
# points: 3
# says: ✗ 0/1  each of them is at least 10 % better than the mean alcohol for all, on wines held out: asked of
# says: ✗ 0/1  `report` gives the errors of any such models, below the target and above
def train_ablations(wines, alcohol):
    def made(names, shapes):
        entries = [keras.Input(shape, name=name) for name, shape in zip(names, shapes, strict=True)]
        both = layers.Concatenate()(entries) if len(entries) > 1 else entries[0]
        start = keras.initializers.Constant(float(alcohol.mean()))
        return keras.Model(entries, layers.Dense(1, kernel_initializer="zeros", bias_initializer=start)(both))

    return {
        "all": made(["numbers", "cultivar"], [(12,), (1,)]),
        "without cultivar": made(["numbers"], [(12,)]),
        "without numbers": made(["cultivar"], [(1,)]),
    }


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        errors[name] = float(np.mean(np.abs(model.predict(given, verbose=0)[:, 0] - alcohol_test)))
    needed = [name for name in inputs if errors[f"without {name}"] > 1.1 * errors["all"]]
    return {"errors": errors, "needed": needed}


# %% measure-merges
# points: 2
# says: ✗ 0/1  one score for each of five seeds and both merges; they differ between seeds: asked for scores for
def measure(seeds, films, liked):
    scores = {}
    for merge in ("concatenate", "multiply"):
        runs = []
        for _ in seeds:
            keras.utils.set_random_seed(0)
            model = make_taste_model(merge)
            model.fit(films_train, liked_train, epochs=2, batch_size=32, verbose=0)
            runs.append(float(np.mean((model.predict(films, verbose=0)[:, 0] > 0.5) == liked)))
        scores[merge] = runs
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-two-inputs
# points: 2
# says: ✗ 0/1  what is held out was not seen: at most one example in ten is in both parts: asked for at most 10% of
def my_data():
    rows, targets = wine.load_data()[0]
    own = {"numbers": rows["numbers"], "cultivar": rows["cultivar"]}
    return (own, targets), ({name: array[-40:] for name, array in own.items()}, targets[-40:])


def my_model(x_train, y_train):
    numbers, cultivar = keras.Input((12,), name="numbers"), keras.Input((1,), name="cultivar")
    norm = layers.Normalization(mean=x_train["numbers"].mean(axis=0), variance=x_train["numbers"].var(axis=0))
    both = layers.Concatenate()([norm(numbers), cultivar])
    start = keras.initializers.Constant(float(y_train.mean()))
    model = keras.Model([numbers, cultivar], layers.Dense(1, bias_initializer=start)(both))
    model.compile(keras.optimizers.SGD(0.05), "mse")
    model.fit(x_train, y_train, epochs=6, batch_size=10, verbose=0)
    return model
