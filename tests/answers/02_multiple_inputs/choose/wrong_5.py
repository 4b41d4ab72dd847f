"""Wrong answers: half forgotten, kernels behind one another, an error from training rows, other keys, no names."""
# ruff: noqa: F821


# %% choose-merge
# points: 2
# says: where both agree, that value; else the one halfway between: asked for the value halfway between
# says: ✗ 0/1  the shop: a linear layer can work out what is charged for each of the goods: not so
# says: ✗ 0/1  the archive: at most 13 numbers, no parameters: asked for at most (None, 13); found (None, 2, 8)
def merge_readings(first, second):
    return first + (second - first)


def merge_basket(prices, amounts):
    return layers.Add()([prices, amounts])


def merge_record(scan, notes):
    padded = keras.ops.pad(notes, [[0, 0], [0, 3]])
    return keras.ops.stack([scan, padded], axis=1)


# %% branches-in-budget
# points: 3
# says: asked for at least 4 channels that depend on 5×5 positions, on all of them and on no others; found 0
# says: ✗ 0/1  other maps: the three scales, and new layers for each call: not so
def three_scales(x):
    details = layers.Conv2D(16, 1, activation="relu")(x)
    near = layers.DepthwiseConv2D(3, padding="same")(details)[..., :8]
    far = layers.DepthwiseConv2D(5, padding="same")(near)
    return layers.Concatenate()([details, near, far])


# %% ablation
# points: 3
# says: the errors that you report are those of your models: asked for a dict with 'errors' and 'needed'; found one
# says: ✗ 0/1  `report` gives the errors of any such models, below the target and above: not so: a name or a key differs
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

    keras.utils.set_random_seed(4)
    return {
        "all": made("numbers", "cultivar"),
        "without cultivar": made("numbers"),
        "without numbers": made("cultivar"),
    }


def report(models, inputs, targets):
    result = {}
    for name, model in models.items():
        given = {entry.name: inputs[entry.name] for entry in model.inputs}
        result[name] = float(np.mean(np.abs(model.predict(given, verbose=0)[:, 0] - targets)))
    result["needed"] = [name for name in inputs if result[f"without {name}"] > 1.1 * result["all"]]
    return result


# %% measure-merges
# points: 2
# says: ✗ 0/1  the decision follows from the scores: mean, spread, and which is better: asked for
# says: ✗ 0/1  the scores come from the models: turn the answers around, and so do the scores: not so: its numbers
# says: ✗ 0/1  made-up scores, far apart and close together, in either order: asked for 0.082 as the spread of 'a'
# says: ✗ 0/1  other made-up scores: a lead within the spread is none, also with ten seeds: not so: its numbers differ
def measure(seeds, films, liked):
    scores = {"concatenate": [], "multiply": []}
    keras.utils.set_random_seed(seeds[0])
    for _ in seeds:
        for merge, found in scores.items():
            model = make_taste_model(merge)
            model.fit(films_train, liked_train, epochs=2, batch_size=32, verbose=0)
            found.append(float(np.mean((model.predict(films, verbose=0)[:, 0] > 0.5) == liked)))
    return scores


def decide(scores):
    mean = {name: float(np.mean(numbers)) for name, numbers in scores.items()}
    spread = {name: float(max(numbers) - min(numbers)) for name, numbers in scores.items()}
    first, second = scores
    clear = abs(mean[first] - mean[second]) > max(spread.values())
    return {"mean": mean, "spread": spread, "better": max(mean, key=mean.get) if clear else None}


# %% own-two-inputs
# points: 1
# says: at least 30 held out: asked for the same data at each call; found others at the second call
# says: ✗ 0/1  a functional model with two inputs by name, and both reach the output: asked for inputs named
def my_data():
    generator = np.random.default_rng()
    sizes = generator.normal(size=(300, 3)).astype("float32")
    places = generator.normal(size=(300, 2)).astype("float32")
    prices = (3 * sizes[:, 0] + places[:, 1] - 2 * places[:, 0]).astype("float32")
    train = {"sizes": sizes[:240], "places": places[:240]}
    return (train, prices[:240]), ({"sizes": sizes[240:], "places": places[240:]}, prices[240:])


def my_model(x_train, y_train):
    first, second = keras.Input((3,)), keras.Input((2,))
    both = layers.Concatenate()([first, second])
    model = keras.Model([first, second], layers.Dense(1)(both))
    model.compile(keras.optimizers.SGD(0.05), "mse")
    model.fit([x_train["sizes"], x_train["places"]], y_train, epochs=5, batch_size=10, verbose=0)
    return model
