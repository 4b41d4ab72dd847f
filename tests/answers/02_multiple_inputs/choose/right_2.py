"""Right answers: layers of one's own, subclasses inside, a table of trained runs, other data."""
# ruff: noqa: F821


# %% choose-merge
# points: 6
class Halfway(layers.Layer):
    def call(self, first, second):
        return first + 0.5 * (second - first)


def merge_readings(first, second):
    return Halfway()(first, second)


def merge_basket(prices, amounts):
    return keras.ops.square(prices + amounts) - keras.ops.square(prices - amounts)


def merge_record(scan, notes):
    padded = keras.ops.pad(notes, [[0, 0], [8, 0]])
    return layers.Add()([padded, layers.ZeroPadding1D((0, 5))(layers.Reshape((8, 1))(scan))[:, :, 0]])


# %% branches-in-budget
# points: 5
def three_scales(x):
    branches = [layers.Conv2D(20, 1, use_bias=False)(x)]
    for size in (3, 5):
        branches.append(layers.SeparableConv2D(6, size, padding="same", activation="relu")(x))
    return layers.Concatenate(axis=-1)(branches)


# %% ablation
# points: 6
def train_ablations(wines, alcohol):
    def made(*names):
        entries = [keras.Input(wines[name].shape[1:], name=name) for name in names]
        parts = []
        for entry in entries:
            if entry.name == "numbers":
                norm = layers.Normalization(mean=wines["numbers"].mean(axis=0), variance=wines["numbers"].var(axis=0))
                parts.append(layers.Dense(6, activation="tanh")(norm(entry)))
            else:
                own = layers.Embedding(3, 1)(entry)
                parts.append(layers.Reshape((1,))(own))
        both = layers.concatenate(parts) if len(parts) > 1 else parts[0]
        start = keras.initializers.Constant(13.0)
        model = keras.Model(entries, layers.Dense(1, bias_initializer=start)(both))
        model.compile("adam", "mean_absolute_error")
        model.optimizer.learning_rate = 0.05
        model.fit([wines[name] for name in names], alcohol[:, np.newaxis], epochs=8, batch_size=13, verbose=0)
        return model

    return {
        "without numbers": made("cultivar"),
        "all": made("cultivar", "numbers"),
        "without cultivar": made("numbers"),
    }


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        copy.compile(loss="mae")
        given = [inputs[entry.name] for entry in model.inputs]
        errors[name] = copy.evaluate(given, targets, batch_size=len(targets), verbose=0)
    needed = []
    for name, found in errors.items():
        if name != "all" and found > errors["all"] + 0.1 * errors["all"]:
            needed.append(name[len("without ") :])
    return {"errors": errors, "needed": needed}


# %% measure-merges
# points: 6
def measure(seeds, films, liked):
    from functools import partial

    scores = {"concatenate": (), "multiply": ()}
    for merge in scores:
        build = partial(make_taste_model, merge)
        for model in trained(build, films_train, liked_train, epochs=2, batch_size=32, seeds=seeds):
            right = (keras.ops.convert_to_numpy(model(films)).ravel() >= 0.5) == (liked == 1)
            scores[merge] += (right.mean(),)
    return scores


def decide(scores):
    (first, a), (second, b) = ((name, np.asarray(numbers)) for name, numbers in scores.items())
    lead = a.mean() - b.mean()
    spread = {first: a.std(ddof=1), second: b.std(ddof=1)}
    better = None if abs(lead) <= max(spread.values()) else first if lead > 0 else second
    return {"better": better, "mean": {first: a.mean(), second: b.mean()}, "spread": spread}


# %% own-two-inputs
# points: 6
def my_data():
    from sklearn import datasets

    iris = datasets.load_iris()
    order = np.random.default_rng(3).permutation(150)
    flowers = [
        ({"sepal": iris.data[rows, :2], "petal": iris.data[rows, 2:]}, iris.target[rows])
        for rows in (order[:100], order[100:])
    ]
    return tuple(flowers)


def my_model(x_train, y_train):
    sepal, petal = keras.Input((2,), name="sepal"), keras.Input((2,), name="petal")
    branches = [layers.BatchNormalization(momentum=0.5)(entry) for entry in (petal, sepal)]
    hidden = layers.Dense(16, activation="relu")(layers.concatenate(branches))
    model = keras.Model([petal, sepal], layers.Dense(3, activation="softmax")(hidden))
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=12, batch_size=10, verbose=0)
    return model
