"""Right answers: graphs taken from tensors that exist, configs edited, wrapped layers, a deep copy."""
# ruff: noqa: F821


# %% tensor-as-layer
# points: 4
def two_branches(size):
    entries = [keras.Input((size,), name=name) for name in "ab"]
    both = keras.Sequential([layers.Dense(64), layers.ReLU()])
    heads = [layers.Dense(32, activation=name) for name in ("relu", "softmax")]
    return keras.Model(entries, [head(both(entry)) for head, entry in zip(heads, entries, strict=True)])


# %% the-loop
# points: 4
def one_encoder(sensors, size, units):
    inputs = [keras.Input((size,), name=f"sensor_{number}") for number in range(sensors)]
    codes = layers.TimeDistributed(layers.Dense(units, activation="relu"))(keras.ops.stack(inputs, axis=1))
    return keras.Model(inputs, layers.GlobalAveragePooling1D()(codes))


def deep_stack(depth, units):
    stack = keras.Sequential([keras.Input((units,))])
    for _ in range(depth):
        stack.add(layers.Dense(units, activation="tanh"))
    return stack


# %% called-again
# points: 5
def with_code(encoder, head):
    (code,) = encoder.outputs
    return keras.Model(encoder.inputs[0], {"code": code, "answer": head(code)})


# %% units-changed
# points: 5
def restore(model):
    for layer in model.layers:
        if hasattr(layer, "units"):
            layer.units = int(layer.get_weights()[0].shape[1])


def widen(model, name, units):
    config = model.get_config()
    for entry in config["layers"]:
        entry.pop("build_config", None)
        if entry["config"]["name"] == name:
            entry["config"]["units"] = units
    return type(model).from_config(config)


# %% two-nested-models
# points: 5
def join(first, second):
    towers = (first, second)
    return keras.Model([tower.inputs[0] for tower in towers], [tower.outputs[0] for tower in towers])


def carve(joined):
    return tuple(keras.Model(joined.inputs[place], joined.outputs[place]) for place in range(2))


# %% source-got-worse
# points: 5
def adapt(source, classes):
    import copy

    twin = copy.deepcopy(source)
    head = layers.Dense(classes, activation="softmax")
    return keras.Model(twin.inputs[0], head(twin.layers[-2].output))
