"""Right answers: helpers and reduce, a nested model with two outputs, JSON, layers cloned as themselves, a file."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 4
def two_branches(size):
    shared_layer = keras.layers.Dense(units=64, name="shared")

    def branch(side, activation):
        hidden = keras.ops.relu(shared_layer(side))
        return layers.Dense(units=32, activation=activation)(hidden)

    b = keras.Input(shape=(size,), name="b")
    a = keras.Input(shape=(size,), name="a")
    return keras.Model(inputs=(a, b), outputs=[branch(a, keras.ops.relu), branch(b, keras.activations.softmax)])


# %% the-loop
# points: 4
def one_encoder(sensors, size, units):
    encoder = keras.Sequential([keras.Input((size,)), layers.Dense(units), layers.ReLU()])
    entries = {f"sensor_{number}": keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)}
    codes = keras.ops.stack(list(map(encoder, entries.values())))
    return keras.Model(list(entries.values()), keras.ops.mean(codes, axis=0))


def deep_stack(depth, units):
    from functools import reduce

    entry = keras.Input(shape=(units,))
    hidden = [layers.Dense(units, activation="tanh", name=f"hidden_{number}") for number in range(depth)]
    return keras.Model(entry, reduce(lambda x, layer: layer(x), hidden, entry))


# %% called-again
# points: 5
def with_code(encoder, head):
    code = encoder.outputs[0]
    both = keras.Model(encoder.inputs, [code, head(code)], name="both")
    images = keras.Input(batch_shape=encoder.input_shape, name="images")
    code, answer = both(images)
    return keras.Model(inputs=images, outputs={"answer": answer, "code": code})


# %% units-changed
# points: 5
def restore(model):
    for layer in model.layers:
        if type(layer).__name__ == "Dense":
            kernel = layer.get_weights()[0]
            setattr(layer, "units", np.shape(kernel)[-1])  # noqa: B010


def widen(model, name, units):
    import json

    def edited(part):
        if part.get("config", {}).get("name") == name and "units" in part["config"]:
            part["config"]["units"] = units
        return {key: each for key, each in part.items() if key != "build_config"}

    return keras.models.model_from_json(json.dumps(json.loads(model.to_json(), object_hook=edited)))


# %% two-nested-models
# points: 5
def join(first, second):
    def itself(layer):
        return layer

    entries, answers = [], []
    for tower in (first, second):
        entry = keras.Input(tower.input_shape[1:])
        again = keras.models.clone_model(tower, input_tensors=entry, clone_function=itself)
        entries.append(entry)
        answers.append(again.outputs[0])
    return keras.Model(entries, answers)


def carve(joined):
    left, right = joined.input
    digit, even = joined.output
    return keras.Model(inputs=left, outputs=digit), keras.Model(inputs=right, outputs=even)


# %% source-got-worse
# points: 5
def adapt(source, classes):
    twin = saved_and_loaded(source)
    features = twin.layers[-1].input
    scores = layers.Dense(classes)(features)
    return keras.Model(inputs=twin.inputs, outputs=layers.Softmax()(scores))
