"""Wrong answers: merges with parameters, a block above its budget, one network for all, scores that are made up."""
# ruff: noqa: F821


# %% choose-merge
# points: 3
# says: ✗ 0/1  the laboratory: two readings (None, 12) in, one (None, 12) out, no parameters: asked for 0 parameters
# says: ✗ 0/1  the shop: a linear layer can work out what is charged for each of the goods: not so
def merge_readings(first, second):
    return layers.Dense(12)(layers.Concatenate()([first, second]))


def merge_basket(prices, amounts):
    return layers.Dot(axes=1)([prices, amounts])


def merge_record(scan, notes):
    return layers.Concatenate()([scan, notes])


# %% branches-in-budget
# points: 3
# says: ✗ 0/1  at most 3,208 parameters for 16 channels: asked for at most 3,208 parameters; found 4,640
# says: ✗ 0/1  other maps: the shape, the budget: not so
def three_scales(x):
    details = layers.Conv2D(16, 1, activation="relu")(x)
    near = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    far = layers.Conv2D(8, 5, padding="same", activation="relu")(x)
    return layers.Concatenate()([details, near, far])


# %% ablation
# points: 4
# says: ✗ 0/1  three functional models with the inputs asked for, output (None, 1): asked for 1 input of shape
# says: ✗ 0/1  `report` calls needed what costs more than 10 %, and nothing else: not so: what is decided
def train_ablations(wines, alcohol):
    numbers, cultivar = keras.Input((12,), name="numbers"), keras.Input((1,), name="cultivar")
    norm = layers.Normalization(mean=wines["numbers"].mean(axis=0), variance=wines["numbers"].var(axis=0))
    own = layers.Flatten()(layers.Embedding(3, 2)(cultivar))
    start = keras.initializers.Constant(float(alcohol.mean()))
    answer = layers.Dense(1, bias_initializer=start)(layers.Concatenate()([norm(numbers), own]))
    model = keras.Model([numbers, cultivar], answer)
    model.compile(keras.optimizers.SGD(0.05), "mse")
    model.fit(wines, alcohol, epochs=6, batch_size=10, verbose=0)
    return dict.fromkeys(["all", "without cultivar", "without numbers"], model)


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        errors[name] = float(np.mean(np.abs(model.predict(given, verbose=0)[:, 0] - targets)))
    needed = [name for name in inputs if errors[f"without {name}"] > errors["all"]]
    return {"errors": errors, "needed": needed}


# %% measure-merges
# points: 3
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for None as `better`
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
# says: ✗ 0/1  other made-up scores: a lead within the spread is none, also with ten seeds: not so
def measure(seeds, films, liked):
    numbers = np.random.default_rng(0)
    return {
        "concatenate": list(0.6 + 0.05 * numbers.uniform(size=len(seeds))),
        "multiply": list(0.9 + 0.05 * numbers.uniform(size=len(seeds))),
    }


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get)}


# %% own-two-inputs
# points: 3
# says: ✗ 0/2  on the examples held out it beats the baseline: asked for at least
# says: ✗ 0/1  it learns from the targets that it is given: others are learned as well: not so
def my_data():
    from sklearn.datasets import load_breast_cancer

    rows, benign = load_breast_cancer(return_X_y=True)
    rows = rows.astype("float32")
    train = {"means": rows[:400, :10], "others": rows[:400, 10:]}
    return (train, benign[:400]), ({"means": rows[400:, :10], "others": rows[400:, 10:]}, benign[400:])


def my_model(x_train, y_train):
    entries = [keras.Input(rows.shape[1:], name=name) for name, rows in x_train.items()]
    both = layers.Concatenate()(entries)
    model = keras.Model(entries, layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")(both))
    model.compile(keras.optimizers.SGD(1e-12), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=1, verbose=0)
    return model
