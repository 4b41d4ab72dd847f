"""Wrong answers: two trunks for one, weights chosen on the test birds; two models in one box."""
# ruff: noqa: F821


# %% measure-trunk
# points: 5
# says: ✗ 0/1  `make`: `shared` has one hidden layer, which learns from both answers: asked for a layer that trains
# says: ✗ 0/1  `report` of made-up scores: the weight chosen on the validation birds, the rest from the test
# says: ✗ 0/1  `report` of other scores: another order, three weights, a lead within the spread: not so
def make(way, units):
    lengths = keras.Input((3,))
    trunks = [layers.Dense(units, activation="relu")(lengths) for _ in range(2)]
    mass, sex = layers.Dense(1, name="mass")(trunks[0]), layers.Dense(1, activation="sigmoid", name="sex")(trunks[1])
    return keras.Model(lengths, {"mass": mass, "sex": sex})


def measure(way, weight, seeds, train, held_out):
    x, y = train
    usual, spread = y["mass"].mean(), y["mass"].std()
    targets = {"mass": (y["mass"] - usual) / spread, "sex": y["sex"]}
    scores = {name: [] for name in held_out}
    for model in trained(
        lambda: compiled(make(way, UNITS), weight),
        (x - x.mean(axis=0)) / x.std(axis=0),
        targets,
        epochs=EPOCHS,
        batch_size=BATCH,
        seeds=seeds,
    ):
        for name, (lengths, true) in held_out.items():
            answers = model((lengths - x.mean(axis=0)) / x.std(axis=0), training=False)
            mass, male = np.array(answers["mass"])[:, 0], np.array(answers["sex"])[:, 0]
            close = np.abs(mass * spread + usual - true["mass"]) <= CLOSE
            scores[name].append(np.mean(close & ((male > 0.5) == true["sex"])))
    return scores


def report(validation, test):
    weight = {way: max(scores, key=lambda each: np.mean(scores[each])) for way, scores in test.items()}
    mean = {way: np.mean(test[way][weight[way]]) for way in test}
    spread = {way: np.std(test[way][weight[way]]) for way in test}
    first, second = test
    better = max(mean, key=mean.get) if abs(mean[first] - mean[second]) > max(spread.values()) else None
    return {"weight": weight, "mean": mean, "spread": spread, "better": better}


# %% own-two-heads
# points: 5
# says: ✗ 0/1  one trunk: there is a layer whose weights learn from both answers: asked for a layer that trains on
def my_data():
    return penguins.load_data(seed=7)


def my_model(x_train, y_train):
    usual, spread = float(y_train["mass"].mean()), float(y_train["mass"].std())
    scale = layers.Normalization()
    scale.adapt(x_train)
    entry = keras.Input((3,))
    mass, sex = (layers.Dense(8, activation="relu")(scale(entry)) for _ in range(2))
    mass, sex = layers.Dense(1)(mass), layers.Dense(1, activation="sigmoid")(sex)
    model = keras.Model(entry, {"mass": mass, "sex": sex})
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), {"mass": "mse", "sex": "binary_crossentropy"})
    model.fit(x_train, {**y_train, "mass": (y_train["mass"] - usual) / spread}, epochs=10, batch_size=20, verbose=0)
    return keras.Model(entry, {"mass": layers.Rescaling(spread, offset=usual)(mass), "sex": sex})
