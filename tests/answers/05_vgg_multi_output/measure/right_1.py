"""Right answers: a list of named outputs, one seed at a time, plain loops; penguins split anew."""
# ruff: noqa: F821


# %% measure-trunk
# points: 8
def make(way, units):
    entry = keras.Input((3,))
    trunks = [layers.Dense(units, activation="relu")(entry) for _ in range(1 if way == "shared" else 2)]
    mass = layers.Dense(1, name="mass")(trunks[0])
    score = layers.Dense(1)(trunks[-1])
    return keras.Model(entry, [mass, layers.Activation("sigmoid", name="sex")(score)])


def measure(way, weight, seeds, train, held_out):
    lengths, answers = train
    mean, spread = np.mean(answers["mass"]), np.std(answers["mass"])
    inputs = (lengths - np.mean(lengths, axis=0)) / np.std(lengths, axis=0)
    targets = [(answers["mass"] - mean) / spread, answers["sex"]]
    scores = {name: [] for name in held_out}
    for seed in seeds:
        for model in trained(
            lambda: compiled(make(way, UNITS), weight), inputs, targets, epochs=EPOCHS, batch_size=BATCH, seeds=[seed]
        ):
            for name, (others, true) in held_out.items():
                standardised = (others - np.mean(lengths, axis=0)) / np.std(lengths, axis=0)
                mass, sex = (np.array(output).ravel() for output in model(standardised, training=False))
                settled = 0
                for grams, male, right_mass, right_sex in zip(mass, sex, true["mass"], true["sex"], strict=True):
                    settled += abs(grams * spread + mean - right_mass) < CLOSE and round(float(male)) == right_sex
                scores[name].append(settled / len(others))
    return scores


def report(validation, test):
    weights, means, spreads = {}, {}, {}
    for way, scores in validation.items():
        best = None
        for weight, numbers in scores.items():
            if best is None or sum(numbers) / len(numbers) > sum(scores[best]) / len(scores[best]):
                best = weight
        weights[way], means[way] = best, sum(test[way][best]) / len(test[way][best])
        spreads[way] = np.std(test[way][best], ddof=1)
    worse, better = sorted(means, key=means.get)
    clear = means[better] - means[worse] > max(spreads.values())
    return {"better": better if clear else None, "spread": spreads, "mean": means, "weight": weights}


# %% own-two-heads
# points: 6
def my_data():
    return penguins.load_data(seed=7)


def my_model(x_train, y_train):
    grams = y_train["mass"]
    entry = keras.Input((3,))
    scale = layers.Normalization()
    scale.adapt(x_train)
    hidden = layers.Dense(16, activation="tanh")(scale(entry))
    # The last layer has the size of the amounts from its beginning, and Adam's rate with it.
    back = layers.Rescaling(float(np.std(grams)), offset=float(np.mean(grams)), name="mass")
    mass = back(layers.Dense(1)(hidden))
    sex = layers.Dense(1, activation="sigmoid", name="sex")(hidden)
    model = keras.Model(entry, [mass, sex])
    size = float(np.var(grams))
    model.compile("adam", ["mse", "binary_crossentropy"], loss_weights=[1 / size, 1.0])
    model.optimizer.learning_rate = 0.02
    model.fit(x_train, [grams, y_train["sex"]], epochs=15, batch_size=25, verbose=0)
    return model
