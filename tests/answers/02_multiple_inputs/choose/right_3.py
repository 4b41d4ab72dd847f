"""Right answers: squares for products, sums that can be taken apart, pooling as a scale, an image and a number."""
# ruff: noqa: F821


# %% choose-merge
# points: 6
def merge_readings(first, second):
    return layers.GlobalAveragePooling1D()(keras.ops.stack([first, second], axis=1))


def merge_basket(prices, amounts):
    # A product is what the square of a sum has more than the two squares.
    return layers.concatenate([keras.ops.square(each) for each in (prices, amounts, layers.add([prices, amounts]))])


def merge_record(scan, notes):
    return keras.ops.cumsum(layers.Concatenate(axis=-1)([scan, notes]), axis=-1)


# %% branches-in-budget
# points: 5
def three_scales(x):
    narrow = layers.Conv2D(8, kernel_size=1, activation="relu")(x)
    branches = {
        1: layers.Conv2D(filters=16, kernel_size=1),
        3: layers.AveragePooling2D(pool_size=3, strides=1, padding="same"),
        5: layers.DepthwiseConv2D(kernel_size=5, padding="same"),
    }
    return keras.ops.concatenate([branch(x if size == 1 else narrow) for size, branch in branches.items()], axis=3)


# %% ablation
# points: 6
class Wine(keras.Model):
    def __init__(self, rows, middle, names):
        entries = {name: keras.Input(rows[name].shape[1:], name=name) for name in names}
        start = layers.Dense(1, bias_initializer=keras.initializers.Constant(middle))
        answers = []
        if "numbers" in entries:
            scale = layers.Normalization()
            scale.adapt(rows["numbers"])
            answers.append(start(scale(entries["numbers"])))
        if "cultivar" in entries:
            # The alcohol of a cultivar, or what it has more than the numbers say.
            begin = keras.initializers.Constant(0.0 if answers else middle)
            answers.append(layers.Flatten()(layers.Embedding(3, 1, embeddings_initializer=begin)(entries["cultivar"])))
        super().__init__(entries, keras.ops.sum(keras.ops.stack(answers), axis=0))


def train_ablations(wines, alcohol):
    chosen = {
        "all": ("numbers", "cultivar"),
        "without numbers": ("cultivar",),
        "without cultivar": ("numbers",),
    }
    models = {}
    for called, names in chosen.items():
        model = models[called] = Wine(wines, float(alcohol.mean()), names)
        model.compile(keras.optimizers.Adam(0.05), "mse")
        rows = {name: wines[name] for name in names}
        for _ in range(60):
            model.train_on_batch(rows, alcohol)
    return models


def report(models, inputs, targets):
    def error(model):
        metric = keras.metrics.MeanAbsoluteError()
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        metric.update_state(targets.reshape(-1, 1), model.predict_on_batch(given))
        return metric.result().numpy()

    errors = dict(zip(models, map(error, models.values()), strict=True))
    border = errors["all"] * 1.1
    return {"errors": errors, "needed": [name[8:] for name in errors if name != "all" and errors[name] > border]}


# %% measure-merges
# points: 6
def measure(seeds, films, liked):
    table = []
    for seed in seeds:
        row = []
        for merge in ("multiply", "concatenate"):
            keras.utils.set_random_seed(seed)
            model = make_taste_model(merge)
            model.compile(model.optimizer, model.loss, metrics=["accuracy"])
            model.fit(films_train, liked_train, batch_size=32, epochs=2, verbose=0)
            row.append(model.evaluate(films, liked, verbose=0)[-1])
        table.append(row)
    return dict(zip(("multiply", "concatenate"), np.array(table).T.tolist(), strict=True))


def decide(scores):
    import statistics

    decided = {"mean": {}, "spread": {}, "better": None}
    for name, numbers in scores.items():
        decided["mean"][name] = statistics.mean(map(float, numbers))
        decided["spread"][name] = statistics.pstdev(map(float, numbers))
    ranked = sorted(scores, key=decided["mean"].get, reverse=True)
    if decided["mean"][ranked[0]] - decided["mean"][ranked[1]] > max(decided["spread"].values()):
        decided["better"] = ranked[0]
    return decided


# %% own-two-inputs
# points: 6
def my_data():
    from functional_course.data import digits

    def asked(images, labels, seed):
        numbers = np.random.default_rng(seed).integers(10, size=len(labels))
        return {"image": images, "number": numbers.reshape(-1, 1)}, (labels > numbers).astype("int64")

    (images, labels), (others, other_labels) = digits.load_data()
    held_out, other_y = asked(others, other_labels, seed=2)
    return asked(images, labels, seed=1), ({name: held_out[name] for name in ("number", "image")}, other_y)


def my_model(x_train, y_train):
    image, number = keras.Input((8, 8, 1), name="image"), keras.Input((1,), name="number")
    seen = layers.Dense(32)(layers.Flatten()(image))
    asked = layers.Dense(32, use_bias=False)(layers.Rescaling(1 / 9)(number))
    out = layers.Dense(1, activation="sigmoid")(layers.ReLU()(layers.Subtract()([seen, asked])))
    model = keras.Model(inputs=[number, image], outputs=out)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=5, batch_size=32, verbose=0)
    return model
