"""Wrong answers: birds held out standardised by themselves, one lucky run; everything standardised before the split."""
# ruff: noqa: F821


# %% measure-trunk
# points: 5
# says: ✗ 0/1  `report` of made-up scores: the weight chosen on the validation birds, the rest from the test
# says: ✗ 0/1  what is said of a bird doesn't depend on which others are held out: not so
def make(way, units):
    lengths = keras.Input((3,))
    for_mass = layers.Dense(units, activation="relu")(lengths)
    for_sex = for_mass if way == "shared" else layers.Dense(units, activation="relu")(lengths)
    mass, sex = layers.Dense(1, name="mass")(for_mass), layers.Dense(1, activation="sigmoid", name="sex")(for_sex)
    return keras.Model(lengths, {"mass": mass, "sex": sex})


def measure(way, weight, seeds, train, held_out):
    def scaled(numbers):
        return (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)

    x, y = train
    scores = {name: [] for name in held_out}
    for model in trained(
        lambda: compiled(make(way, UNITS), weight),
        scaled(x),
        {"mass": scaled(y["mass"]), "sex": y["sex"]},
        epochs=EPOCHS,
        batch_size=BATCH,
        seeds=seeds,
    ):
        for name, (lengths, true) in held_out.items():
            answers = model(scaled(lengths), training=False)
            mass, male = np.array(answers["mass"])[:, 0], np.array(answers["sex"])[:, 0]
            close = np.abs(mass - scaled(true["mass"])) * true["mass"].std() <= CLOSE
            scores[name].append(np.mean(close & ((male > 0.5) == true["sex"])))
    return scores


def report(validation, test):
    weight = {way: max(scores, key=lambda each: max(scores[each])) for way, scores in validation.items()}
    mean = {way: np.mean(test[way][weight[way]]) for way in test}
    spread = {way: np.std(test[way][weight[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"weight": weight, "mean": mean, "spread": spread, "better": better}


# %% own-two-heads
# points: 5
# says: ✗ 0/1  other targets in other units are learned as well: not so
def my_data():
    (x, y), (x_other, y_other) = penguins.load_data(seed=7)
    everything, grams = np.concatenate([x, x_other]), np.concatenate([y["mass"], y_other["mass"]])

    def part(lengths, answers):
        mass = (answers["mass"] - grams.mean()) / grams.std()
        return (lengths - everything.mean(axis=0)) / everything.std(axis=0), {**answers, "mass": mass}

    return part(x, y), part(x_other, y_other)


def my_model(x_train, y_train):
    entry = keras.Input((3,))
    trunk = layers.Dense(8, activation="relu")(entry)
    heads = {"mass": layers.Dense(1)(trunk), "sex": layers.Dense(1, activation="sigmoid")(trunk)}
    model = keras.Model(entry, heads)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), {"mass": "mse", "sex": "binary_crossentropy"})
    model.fit(x_train, y_train, epochs=10, batch_size=20, verbose=0)
    return model
