"""Wrong answers: a ReLU too few, the same setting for all, one scale for all columns, results in the wrong order."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 3
# says: ✗ 0/1  the whole is the function in the picture: not so: an activation differs
image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="measurements")
from_image = layers.Dense(16, activation="relu")(layers.Flatten()(image))
from_pen = layers.Dense(8)(measurements)
both = layers.Concatenate()([from_image, from_pen])
joined = keras.Model([image, measurements], layers.Dense(10, activation="softmax")(both))


# %% image-and-question
# points: 2
# says: ✗ 0/1  both inputs reach the output, and its gradient reaches every layer: asked for a gradient from the outputs
# says: ✗ 0/2  after 10 epochs, at least 85 % of unseen images answered, with at most 20,000 parameters: asked for at
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((length,), name="question")
    seen = layers.Dense(32, activation="relu")(layers.Flatten()(image))
    asked = layers.Flatten()(layers.Embedding(words, 8)(question))
    both = layers.Dense(32, activation="relu")(layers.Concatenate()([seen, asked]))
    return keras.Model([image, question], layers.Dense(1, activation="softmax")(both))


# %% residual-block
# points: 4
# says: ✗ 0/1  other maps and kernels: 5×1 with 7 channels, any size, one channel: not so
def residual_block(x, kernel_size=3):
    residual = layers.Conv2D(x.shape[-1], 3, padding="same", activation="relu")(x)
    residual = layers.Conv2D(x.shape[-1], 3, padding="same")(residual)
    return layers.ReLU()(layers.Add()([x, residual]))


# %% mixed-table
# points: 3
# says: ✗ 0/1  the wines: the function in the picture: not so
# says: ✗ 0/1  other tables, with other columns and more cultivars: the same function: not so
def make_table_model(rows, cultivars):
    measured, cultivar = keras.Input((rows.shape[1],), name="numbers"), keras.Input((1,), name="cultivar")
    scale = layers.Normalization(axis=None)
    scale.adapt(rows)
    vine = layers.Flatten()(layers.Embedding(cultivars, 2)(cultivar))
    hidden = layers.Dense(16, activation="relu")(layers.Concatenate()([scale(measured), vine]))
    return keras.Model([measured, cultivar], layers.Dense(1)(hidden))


# %% gate
# points: 0
# says: the map's shape out, 64 parameters: asked for 64 parameters; found 272
# says: ✗ 0/1  maps of other sizes: the function that was asked for: not so: its weights differ in number or in shape
def gate(content, condition):
    # As in squeeze and excitation.
    read = layers.GlobalAveragePooling2D()(content) if len(content.shape) == 4 else content
    opening = layers.Dense(content.shape[-1], activation="sigmoid")(read)
    return layers.Multiply()([content, opening])


# %% three-inputs
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((8, 8, 1), name="image")
question = keras.Input((length,), name="question")
measurements = keras.Input((3,), name="measurements")
seen = layers.Dense(24, activation="relu")(layers.Flatten()(image))
asked = layers.GlobalAveragePooling1D()(layers.Embedding(words, 8)(question))
first = layers.Concatenate()([seen, asked])
skipped = layers.Activation("tanh")(layers.Add()([first, layers.Dense(32)(first)]))
second = layers.Concatenate()([skipped, measurements])
three_inputs = keras.Model([image, question, measurements], layers.Dense(1, activation="sigmoid")(second))


# %% retrieve
# points: 0
# says: asked for 2 outputs of shape (None, 4), (None, 6); found (None, 6), (None, 4)
# says: ✗ 0/2  other lengths: the mix that was asked for: not so
def retrieve(question, articles):
    shares = layers.Softmax()(layers.Dot(axes=(1, 2))([question, articles]))
    mix = layers.Dot(axes=(1, 1))([shares, articles])
    return shares, mix
