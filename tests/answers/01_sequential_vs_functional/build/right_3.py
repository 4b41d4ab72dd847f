"""Right answers: layers made again from their configs, a model that is a class with a graph, numbers computed."""
# ruff: noqa: F821

# %% translate-to-functional
# points: 5
images = keras.Input(batch_shape=(None, 8, 8, 1))
x = images
for layer in sequential.layers:
    x = type(layer).from_config(layer.get_config())(x)
functional = keras.Model(inputs=[images], outputs=[x])

# %% translate-to-sequential
# points: 4
stack = keras.Sequential(make_functional().layers)

# %% predict
# points: 7
images = keras.Input((8, 8, 1))
steps = {
    "padded": layers.Conv2D(16, 3, padding="same", activation="relu"),
    "pooled": layers.MaxPooling2D(2),
    "narrow": layers.Conv2D(32, 3, activation="relu"),
    "normal": layers.BatchNormalization(),
    "scores": layers.Dense(10),
    "average": layers.GlobalAveragePooling2D(),
}
x = images
for step in steps.values():
    x = step(x)
model = keras.Model(images, x)
left, right = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
pair = keras.Model([left, right], layers.Average()([model(left), model(right)]))
predicted = dict(zip(steps, ((step.output.shape, step.count_params()) for step in steps.values()), strict=True))
predicted["total"] = model.count_params()
predicted["trainable"] = sum(np.prod(weight.shape) for weight in model.trainable_weights)
predicted["pair"] = pair.count_params()


# %% copy-weights
# points: 5
def copy_weights(source, target):
    # On a copy it may fail half-way.
    keras.models.clone_model(target).set_weights(source.get_weights())
    for new, old in zip(source.weights, target.weights, strict=True):
        old.assign(keras.ops.copy(new))


def largest_difference(first, second, images):
    apart = np.subtract(first.predict_on_batch(images), second.predict_on_batch(images))
    return np.linalg.norm(apart.ravel(), ord=np.inf).item()


# %% strip
# points: 4
class Reader(layers.Layer):
    def __init__(self, classifier, **kwargs):
        super().__init__(**kwargs)
        self.classifier = classifier

    def call(self, strip):
        digits = keras.ops.unstack(strip, axis=1)
        return keras.ops.stack([self.classifier(digit) for digit in digits], axis=1)


def read_strips(classifier):
    strip = keras.Input(shape=(4, 8, 8, 1))
    return keras.Model(strip, Reader(classifier)(strip))


# %% two-branch
# points: 6
class TwoBranch(keras.Model):
    def __init__(self):
        settings = {"padding": "same", "activation": keras.activations.relu, "use_bias": True}
        images = keras.Input(shape=(8, 8, 1))
        stem = layers.Conv2D(filters=16, kernel_size=3, **settings)(images)
        wide, narrow = (layers.Conv2D(filters=8, kernel_size=size, **settings)(stem) for size in (3, 1))
        block = layers.add([layers.concatenate([wide, narrow], axis=3), stem])
        means = layers.Flatten()(layers.AveragePooling2D(pool_size=8)(block))
        super().__init__(inputs=images, outputs=layers.Dense(10, activation=keras.ops.softmax)(means))


two_branch = TwoBranch()


# %% measure-skips
# points: 6
def measure(seeds, images, labels):
    def build(skips):
        model = make_deep(skips)
        model.compile(model.optimizer, model.loss, metrics=["accuracy"])
        return model

    def run(skips, seed):
        (model,) = trained(lambda: build(skips), few_images, few_labels, epochs=3, batch_size=32, seeds=[seed])
        return model.evaluate(images, labels, verbose=0, return_dict=True)["accuracy"]

    return {name: tuple(run(skips, seed) for seed in seeds) for name, skips in (("skips", True), ("plain", False))}


def decide(scores):
    def mean(numbers):
        return sum(numbers) / len(numbers)

    def spread(numbers):
        return mean([(number - mean(numbers)) ** 2 for number in numbers]) ** 0.5

    (one, ones), (other, others) = scores.items()
    lead = mean(ones) - mean(others)
    border = max(spread(ones), spread(others))
    if lead > border:
        better = one
    elif -lead > border:
        better = other
    else:
        better = None
    means, spreads = ({name: of(numbers) for name, numbers in scores.items()} for of in (mean, spread))
    return {"mean": means, "spread": spreads, "better": better}


# %% own-data
# points: 6
def my_data():
    from sklearn.datasets import make_moons

    points, moon = make_moons(n_samples=400, noise=0.15, random_state=7)
    return (points[::2], moon[::2]), (points[1::2], moon[1::2])


class Gated(keras.Model):
    def __init__(self):
        point = keras.Input((2,))
        hidden = layers.Dense(16, activation="tanh")(point)
        gate = layers.Dense(16, activation="sigmoid")(point)
        super().__init__(point, layers.Dense(2)(layers.Multiply()([hidden, gate])))


def my_model(x_train, y_train):
    model = Gated()
    model.compile(keras.optimizers.Adam(0.03), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(150):
        model.train_on_batch(x_train, y_train)
    return model
