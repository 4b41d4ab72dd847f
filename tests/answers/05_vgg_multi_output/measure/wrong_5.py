"""Wrong answers: one seed set before the loop, weights never passed on; test rows among those to train on."""
# ruff: noqa: F821


# %% measure-trunk
# points: 7
# says: ✗ 0/1  the birds given and the weight given decide, and the same seed gives the same score: not so
def make(way, units):
    lengths = keras.Input((3,))
    for_mass = layers.Dense(units, activation="relu")(lengths)
    for_sex = for_mass if way == "shared" else layers.Dense(units, activation="relu")(lengths)
    mass, sex = layers.Dense(1, name="mass")(for_mass), layers.Dense(1, activation="sigmoid", name="sex")(for_sex)
    return keras.Model(lengths, {"mass": mass, "sex": sex})


def measure(way, weight, seeds, train, held_out):
    x, y = train
    centre, width = x.mean(axis=0), x.std(axis=0)
    usual, spread = y["mass"].mean(), y["mass"].std()
    targets = {"mass": (y["mass"] - usual) / spread, "sex": y["sex"]}
    scores = {name: [] for name in held_out}
    keras.utils.set_random_seed(seeds[0])
    for _ in seeds:
        model = compiled(make(way, UNITS), weight)
        model.fit((x - centre) / width, targets, epochs=EPOCHS, batch_size=BATCH, verbose=0)
        for name, (lengths, true) in held_out.items():
            answers = model((lengths - centre) / width, training=False)
            mass, male = np.array(answers["mass"])[:, 0], np.array(answers["sex"])[:, 0]
            close = np.abs(mass * spread + usual - true["mass"]) <= CLOSE
            scores[name].append(np.mean(close & ((male > 0.5) == true["sex"])))
    return scores


def report(validation, test):
    weight = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(test[way][weight[way]]) for way in test}
    spread = {way: np.std(test[way][weight[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"weight": weight, "mean": mean, "spread": spread, "better": better}


# %% own-two-heads
# points: 2
# says: ✗ 0/1  data: two named targets for each row, at least 30 rows held out, at most one in ten seen: asked for
def my_data():
    (x, y), (x_other, y_other) = penguins.load_data(seed=7)
    x = np.concatenate([x, x_other])
    y = {name: np.concatenate([y[name], y_other[name]]) for name in y}
    return (x, y), (x[-100:], {name: answers[-100:] for name, answers in y.items()})


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
