"""Wrong answers: birds held out in the scale, means of those that were used for choosing; a split drawn anew."""
# ruff: noqa: F821


# %% measure-trunk
# points: 4
# says: ✗ 0/1  `report` of made-up scores: the weight chosen on the validation birds, the rest from the test
# says: ✗ 0/1  what is said of a bird doesn't depend on which others are held out: not so: its numbers differ
def make(way, units):
    lengths = keras.Input((3,))
    for_mass = layers.Dense(units, activation="relu")(lengths)
    for_sex = for_mass if way == "shared" else layers.Dense(units, activation="relu")(lengths)
    mass, sex = layers.Dense(1, name="mass")(for_mass), layers.Dense(1, activation="sigmoid", name="sex")(for_sex)
    return keras.Model(lengths, {"mass": mass, "sex": sex})


def measure(way, weight, seeds, train, held_out):
    x, y = train
    everybody = np.concatenate([x, *(lengths for lengths, _ in held_out.values())])
    centre, width = everybody.mean(axis=0), everybody.std(axis=0)
    usual, spread = y["mass"].mean(), y["mass"].std()
    targets = {"mass": (y["mass"] - usual) / spread, "sex": y["sex"]}
    scores = {name: [] for name in held_out}
    for model in trained(
        lambda: compiled(make(way, UNITS), weight),
        (x - centre) / width,
        targets,
        epochs=EPOCHS,
        batch_size=BATCH,
        seeds=seeds,
    ):
        for name, (lengths, true) in held_out.items():
            answers = model((lengths - centre) / width, training=False)
            mass, male = np.array(answers["mass"])[:, 0], np.array(answers["sex"])[:, 0]
            close = np.abs(mass * spread + usual - true["mass"]) <= CLOSE
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
# points: 5
# says: asked for the same rows and targets at each call; found others at the second
def my_data():
    (x, y), (x_other, y_other) = penguins.load_data(seed=7)
    x = np.concatenate([x, x_other])
    y = {name: np.concatenate([y[name], y_other[name]]) for name in y}
    order = np.random.permutation(len(x))
    parts = order[:240], order[240:]
    return tuple((x[rows], {name: answers[rows] for name, answers in y.items()}) for rows in parts)


def my_model(x_train, y_train):
    usual, spread = float(y_train["mass"].mean()), float(y_train["mass"].std())
    scale = layers.Normalization()
    scale.adapt(x_train)
    entry = keras.Input((3,))
    trunk = layers.Dense(8, activation="relu")(scale(entry))
    mass, sex = layers.Dense(1)(trunk), layers.Dense(1, activation="sigmoid")(trunk)
    model = keras.Model(entry, {"mass": mass, "sex": sex})
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), {"mass": "mse", "sex": "binary_crossentropy"})
    model.fit(x_train, {**y_train, "mass": (y_train["mass"] - usual) / spread}, epochs=10, batch_size=20, verbose=0)
    return keras.Model(entry, {"mass": layers.Rescaling(spread, offset=usual)(mass), "sex": sex})
