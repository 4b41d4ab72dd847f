"""Right answers: Sequential models inside, dicts of inputs, operators and operations in place of layers."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 4
pen, photo = keras.Input((5,), name="measurements"), keras.Input((8, 8, 1), name="image")
pixels = keras.Sequential([layers.Reshape((64,)), layers.Dense(16), layers.ReLU()])
merged = keras.ops.concatenate([layers.Dense(8, "relu")(pen), pixels(photo)], axis=-1)
joined = keras.Model({"measurements": pen, "image": photo}, layers.Softmax()(layers.Dense(10)(merged)))


# %% image-and-question
# points: 6
def make_answerer(words, length):
    inputs = {"question": keras.Input((length,), name="question"), "image": keras.Input((8, 8, 1), name="image")}
    code = layers.Flatten()(keras.ops.one_hot(keras.ops.cast(inputs["question"], "int32"), words))
    eye = keras.Sequential([layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(24, "relu")])
    both = keras.ops.concatenate([layers.Dense(24, "relu")(code), eye(inputs["image"])], axis=1)
    both = layers.Dense(48, activation="relu")(both)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(both))


# %% residual-block
# points: 5
def residual_block(x, kernel_size=3):
    channels = x.shape[-1]
    residual = keras.Sequential(
        [
            layers.Conv2D(channels, kernel_size, padding="same"),
            layers.ReLU(),
            layers.Conv2D(channels, kernel_size, padding="same"),
        ]
    )
    return keras.ops.relu(residual(x) + x)


# %% mixed-table
# points: 5
def make_table_model(numbers, cultivars):
    measured = keras.Input(numbers.shape[1:], name="numbers")
    vine = keras.Input((1,), name="cultivar", dtype="int32")
    mean, spread = numbers.mean(axis=0), numbers.std(axis=0)
    scaled = layers.Rescaling(list(1 / spread), offset=list(-mean / spread))(measured)
    code = layers.Dense(2, use_bias=False)(layers.CategoryEncoding(cultivars, output_mode="one_hot")(vine))
    x = keras.Sequential([layers.Dense(16), layers.ReLU()])(layers.concatenate([code, scaled]))
    return keras.Model([vine, measured], layers.Dense(1)(x))


# %% gate
# points: 4
def gate(content, condition):
    opening = keras.ops.sigmoid(layers.Dense(content.shape[-1])(condition))
    while len(opening.shape) < len(content.shape):
        opening = keras.ops.expand_dims(opening, axis=1)
    return opening * content


# %% three-inputs
# points: 6
entries = {
    "measurements": keras.Input((3,), name="measurements"),
    "question": keras.Input((length,), name="question"),
    "image": keras.Input((8, 8, 1), name="image"),
}
meaning = keras.ops.mean(layers.Embedding(words, 8)(entries["question"]), axis=1)
look = keras.Sequential([layers.Flatten(), layers.Dense(24, "relu")])(entries["image"])
start = layers.concatenate([meaning, look])
total = start + keras.ops.tanh(layers.Dense(32)(start))
end = layers.concatenate([entries["measurements"], total])
three_inputs = keras.Model(entries, layers.Dense(1, "sigmoid")(end))


# %% retrieve
# points: 5
def retrieve(question, articles):
    shares = layers.Softmax()(layers.Dot(axes=(1, 2))([question, articles]))
    return layers.Dot(axes=(1, 1))([shares, articles]), shares
