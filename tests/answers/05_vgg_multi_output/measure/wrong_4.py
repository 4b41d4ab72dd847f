"""Wrong answers: one start for all seeds, the smaller spread; scales of one's own data written down."""
# ruff: noqa: F821


# %% measure-trunk
# points: 6
# says: ✗ 0/1  the birds given and the weight given decide, and the same seed gives the same score: not so
# says: ✗ 0/1  `report` of other scores: another order, three weights, a lead within the spread: not so
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
    model = make(way, UNITS)
    start = model.get_weights()
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.set_weights(start)
        compiled(model, weight)
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
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > min(spread.values()) else None
    return {"weight": weight, "mean": mean, "spread": spread, "better": better}


# %% own-two-heads
# points: 5
# says: ✗ 0/1  other targets in other units are learned as well: not so
def my_data():
    return penguins.load_data(seed=7)


def my_model(x_train, y_train):
    entry = keras.Input((3,))
    standardised = (entry - np.array([44.0, 17.0, 200.0])) / np.array([5.5, 2.0, 14.0])
    trunk = layers.Dense(8, activation="relu")(standardised)
    mass, sex = layers.Dense(1)(trunk), layers.Dense(1, activation="sigmoid")(trunk)
    model = keras.Model(entry, {"mass": mass, "sex": sex})
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), {"mass": "mse", "sex": "binary_crossentropy"})
    targets = {"mass": (y_train["mass"] - 4200) / 800, "sex": y_train["sex"]}
    model.fit(x_train, targets, epochs=10, batch_size=20, verbose=0)
    return keras.Model(entry, {"mass": layers.Rescaling(800, offset=4200)(mass), "sex": sex})
