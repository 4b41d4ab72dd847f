"""Wrong answers: masses in grams, means of the birds that were used for choosing; an answer in grams untrained."""
# ruff: noqa: F821


# %% measure-trunk
# points: 2
# says: ✗ 0/1  one score for each of five seeds, for both ways and both sets; they differ between seeds: asked for
# says: ✗ 0/1  `report` of made-up scores: the weight chosen on the validation birds, the rest from the test
def make(way, units):
    lengths = keras.Input((3,))
    for_mass = layers.Dense(units, activation="relu")(lengths)
    for_sex = for_mass if way == "shared" else layers.Dense(units, activation="relu")(lengths)
    mass, sex = layers.Dense(1, name="mass")(for_mass), layers.Dense(1, activation="sigmoid", name="sex")(for_sex)
    return keras.Model(lengths, {"mass": mass, "sex": sex})


def measure(way, weight, seeds, train, held_out):
    x, y = train
    centre, width = x.mean(axis=0), x.std(axis=0)
    scores = {name: [] for name in held_out}
    for model in trained(
        lambda: compiled(make(way, UNITS), weight),
        (x - centre) / width,
        y,
        epochs=EPOCHS,
        batch_size=BATCH,
        seeds=seeds,
    ):
        for name, (lengths, true) in held_out.items():
            answers = model((lengths - centre) / width, training=False)
            mass, male = np.array(answers["mass"])[:, 0], np.array(answers["sex"])[:, 0]
            close = np.abs(mass - true["mass"]) <= CLOSE
            scores[name].append(np.mean(close & ((male > 0.5) == true["sex"])))
    return scores


def report(validation, test):
    weight = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(validation[way][weight[way]]) for way in test}
    spread = {way: np.std(validation[way][weight[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"weight": weight, "mean": mean, "spread": spread, "better": better}


# %% own-two-heads
# points: 3
# says: ✗ 0/2  on the examples held out each answer beats its guess: asked for a squared error of at most
# says: ✗ 0/1  other targets in other units are learned as well: not so
def my_data():
    return penguins.load_data(seed=7)


def my_model(x_train, y_train):
    scale = layers.Normalization()
    scale.adapt(x_train)
    entry = keras.Input((3,))
    trunk = layers.Dense(8, activation="relu")(scale(entry))
    heads = {"mass": layers.Dense(1)(trunk), "sex": layers.Dense(1, activation="sigmoid")(trunk)}
    model = keras.Model(entry, heads)
    model.compile(keras.optimizers.Adam(0.01), {"mass": "mse", "sex": "binary_crossentropy"})
    model.fit(x_train, y_train, epochs=10, batch_size=20, verbose=0)
    return model
