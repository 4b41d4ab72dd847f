"""Right answers: one Sequential from end to end, a deep copy, a configuration as text, models from the middle on."""
# ruff: noqa: F821


# %% extract-features
# points: 5
def features_of(base, name):
    wanted = next(layer for layer in base.layers if layer.name == name).output
    _, height, width, channels = wanted.shape
    mean = layers.AveragePooling2D(pool_size=(height, width))(wanted)
    return keras.Model(inputs=base.inputs, outputs=layers.Reshape((channels,))(mean))


# %% frozen-head
# points: 5
def label_model(base, units):
    base.trainable = False
    stack = keras.Sequential([keras.Input(shape=base.input_shape[1:])])
    stack.add(layers.Rescaling(scale=1 / 64.0, offset=-115 / 64.0))
    stack.add(base)
    stack.add(layers.GlobalAveragePooling2D())
    stack.add(layers.Dense(units=units, activation="relu"))
    stack.add(layers.Dense(units=1, activation="sigmoid"))
    return keras.Model(inputs=stack.inputs, outputs=stack.outputs)


# %% precompute
# points: 6
def features_once(base, images):
    found = [base.predict_on_batch(part) for part in np.array_split(images, -(-len(images) // 32))]
    return np.vstack(found)


class Joined(keras.Model):
    def __init__(self, base, head):
        image = keras.Input(shape=base.input_shape[1:])
        super().__init__(inputs=image, outputs=head(base(image)))


def trained_and_joined(base, head, features, y, epochs):
    quiet = {"verbose": 0}
    head.fit(x=keras.ops.convert_to_tensor(features), y=keras.ops.convert_to_tensor(y), epochs=epochs, **quiet)
    return Joined(base, head)


# %% last-block
# points: 5
def only_block(base, block):
    import re

    begins = re.compile(re.escape(block))
    base.trainable = True
    train = {layer.name for layer in base.layers if begins.match(layer.name)}
    for name in {layer.name for layer in base.layers} - train:
        base.get_layer(name).trainable = False
    for name in train:
        base.get_layer(name).trainable = True
    return base


# %% fine-tune-still
# points: 6
def every(part):
    yield part
    for layer in getattr(part, "layers", ()):
        yield from every(layer)


def ready_to_tune(model, base, rate):
    parts = list(every(base))
    for part in parts:
        part.trainable = False
    for part in parts:
        part.trainable = True
    for norm in filter(lambda part: isinstance(part, layers.BatchNormalization), parts):
        norm.trainable = False
    model.compile(loss=keras.losses.binary_crossentropy, optimizer=keras.optimizers.Adam(rate))
    return model


# %% three-ways
# points: 6
def three_ways(base):
    import re
    from copy import deepcopy

    without_seeds = re.sub(r'"seed": *\d+', '"seed": null', base.to_json())
    made = {
        "tuned": deepcopy(base),
        "frozen": deepcopy(base),
        "scratch": keras.models.model_from_json(without_seeds),
    }
    found = {}
    for way, body in made.items():
        for layer in body.layers:
            layer.trainable = way != "frozen"
        image = keras.Input(base.input_shape[1:])
        found[way] = keras.Model(image, layers.Dense(units=1, activation="linear")(body(image)))
    return found


def report(errors):
    from statistics import fmean, pstdev

    plain = list(errors["scratch"])
    found = {}
    for way in ("scratch", "frozen", "tuned"):
        each = [float(error) for error in errors[way]]
        found[way] = fmean(each), pstdev(each), sum(mine < its for mine, its in zip(each, plain, strict=True))
    return found


# %% one-backbone-two-tasks
# points: 5
def two_tasks(base):
    base.trainable = False
    middle = base.get_layer("block3_pool").output
    lower, upper = keras.Model(base.input, middle, name="lower"), keras.Model(middle, base.output, name="upper")
    image = keras.Input(shape=base.input_shape[1:])
    early = lower(layers.Rescaling(1 / 64, offset=-115 / 64)(image))
    last = upper(early)
    label = keras.Sequential([layers.GlobalMaxPooling2D(), layers.Dense(1), layers.Activation("sigmoid")])
    age = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(24), layers.ReLU(), layers.Dense(1)])
    return keras.Model(inputs=image, outputs={"age": age(last), "label": label(early)})
