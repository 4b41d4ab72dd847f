"""Wrong answers: the largest reading, layers used again, another error, a model that forgets one input."""
# ruff: noqa: F821


# %% choose-merge
# points: 4
# says: ✗ 0/1  the laboratory: where both agree, that value; else the one halfway between: asked for the value halfway
# says: ✗ 0/1  the archive: a linear layer gets every number back: not so
def merge_readings(first, second):
    return layers.Maximum()([first, second])


def merge_basket(prices, amounts):
    return layers.Multiply()([prices, amounts])


def merge_record(scan, notes):
    return layers.Add()([scan[:, :5], notes])


# %% branches-in-budget
# points: 4
# says: ✗ 0/1  other maps: the three scales, and new layers for each call: not so
LAYERS = {}


def three_scales(x):
    channels = x.shape[-1]
    if channels not in LAYERS:
        LAYERS[channels] = [
            layers.Conv2D(16, 1, activation="relu"),
            layers.SeparableConv2D(8, 3, padding="same"),
            layers.SeparableConv2D(8, 5, padding="same"),
        ]
    return layers.Concatenate()([layer(x) for layer in LAYERS[channels]])


# %% ablation
# points: 1
# says: output (None, 1): asked for models that are each trained from the start; found weights of two of them
# says: ✗ 0/1  the errors that you report are those of your models: the error of
# says: ✗ 0/1  `report` gives the errors of any such models, below the target and above: not so
def train_ablations(wines, alcohol):
    keras.utils.set_random_seed(5)
    # One last layer for all three, which goes on learning with each of them.
    answer = layers.Dense(1, bias_initializer=keras.initializers.Constant(float(alcohol.mean())))

    def made(*names):
        entries = [keras.Input(wines[name].shape[1:], name=name) for name in names]
        parts = []
        for entry in entries:
            if entry.name == "numbers":
                rows = wines["numbers"]
                parts.append(layers.Normalization(mean=rows.mean(axis=0), variance=rows.var(axis=0))(entry))
            else:
                parts.append(layers.Flatten()(layers.Embedding(3, 2)(entry)))
        both = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
        model = keras.Model(entries, answer(layers.Dense(4, activation="tanh")(both)))
        model.compile(keras.optimizers.SGD(0.05), "mse")
        model.fit({name: wines[name] for name in names}, alcohol, epochs=6, batch_size=10, verbose=0)
        return model

    return {
        "all": made("numbers", "cultivar"),
        "without cultivar": made("numbers"),
        "without numbers": made("cultivar"),
    }


def report(models, inputs, targets):
    errors = {}
    for name, model in models.items():
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        answers = keras.ops.convert_to_numpy(model(given))
        errors[name] = float(np.mean((answers[:, 0] - targets) ** 2))
    return {"errors": errors, "needed": []}


# %% measure-merges
# points: 4
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so
# says: ✗ 0/1  they were trained: the model that multiplies gets more than 70 % right: not so
def measure(seeds, films, liked):
    scores = {"concatenate": [], "multiply": []}
    for merge, found in scores.items():
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            model = make_taste_model(merge)
            found.append(float(np.mean((model.predict(films, verbose=0)[:, 0] > 0.5) == liked_test)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(np.std(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-two-inputs
# points: 5
# says: ✗ 0/1  a functional model with two inputs by name, and both reach the output: asked for a path from
def my_data():
    generator = np.random.default_rng(2)
    numbers = generator.normal(size=(300, 3)).astype("float32")
    group = generator.integers(3, size=(300, 1))
    label = (numbers[:, 0] > 0).astype("int64")
    inputs = {"numbers": numbers, "group": group}
    return ({name: rows[:200] for name, rows in inputs.items()}, label[:200]), (
        {name: rows[200:] for name, rows in inputs.items()},
        label[200:],
    )


def my_model(x_train, y_train):
    numbers, group = keras.Input((3,), name="numbers"), keras.Input((1,), name="group")
    own = layers.Flatten()(layers.Embedding(3, 2)(group))
    own = layers.Dense(8, activation="relu")(numbers)
    model = keras.Model([numbers, group], layers.Dense(1, activation="sigmoid")(own))
    model.compile(keras.optimizers.SGD(0.3, momentum=0.9), "binary_crossentropy")
    model.fit(x_train, y_train, epochs=5, batch_size=20, verbose=0)
    return model
