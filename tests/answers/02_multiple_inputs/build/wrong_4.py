"""Wrong answers: flattened too late, words that stay, a name used again, a variance mixed up, a scaled product."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 2
# says: ✗ 0/1  1,040 + 48 + 250 parameters: two branches, one head: asked for 1,338 parameters; found
# says: ✗ 0/1  the whole is the function in the picture: not so: its weights differ in number or in shape
image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="measurements")
from_image = layers.Flatten()(layers.Dense(16, activation="relu")(image))
from_pen = layers.Dense(8, activation="relu")(measurements)
both = layers.Concatenate()([from_image, from_pen])
joined = keras.Model([image, measurements], layers.Dense(10, activation="softmax")(both))


# %% image-and-question
# points: 4
# says: output (None, 1): asked for a model that isn't compiled yet; found a compiled one
# says: and its gradient reaches every layer: asked for weights that all train; found frozen layers: embedding
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((length,), name="question")
    seen = layers.Dense(32, activation="relu")(layers.Flatten()(image))
    asked = layers.Flatten()(layers.Embedding(words, 16, trainable=False)(question))
    both = layers.Dense(48, activation="relu")(layers.Concatenate()([seen, asked]))
    model = keras.Model([image, question], layers.Dense(1, activation="sigmoid")(both))
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy")
    return model


# %% residual-block
# points: 3
# says: ✗ 0/1  with its convolutions at zero, a block is the ReLU of its input: not so
# says: ✗ 0/1  the whole is the function in the picture: not so
def residual_block(x, kernel_size=3):
    channels = x.shape[-1]
    x = layers.Conv2D(channels, kernel_size, padding="same", activation="relu")(x)
    residual = layers.Conv2D(channels, kernel_size, padding="same")(x)
    return layers.ReLU()(layers.Add()([x, residual]))


# %% mixed-table
# points: 3
# says: ✗ 0/1  the wines: the function in the picture: not so
# says: ✗ 0/1  other tables, with other columns and more cultivars: the same function: not so
def make_table_model(rows, cultivars):
    measured, cultivar = keras.Input((rows.shape[1],), name="numbers"), keras.Input((1,), name="cultivar")
    scaled = layers.Normalization(mean=rows.mean(axis=0), variance=rows.std(axis=0))(measured)
    vine = layers.Flatten()(layers.Embedding(cultivars, 2)(cultivar))
    hidden = layers.Dense(16, activation="relu")(layers.Concatenate()([scaled, vine]))
    return keras.Model([measured, cultivar], layers.Dense(1)(hidden))


# %% gate
# points: 2
# says: ✗ 0/1  maps of other sizes: the function that was asked for: not so: an activation differs
# says: ✗ 0/1  vectors of other lengths: the function that was asked for, with new weights: not so: an activation
def gate(content, condition):
    opening = layers.Dense(content.shape[-1])(condition)
    return layers.Multiply()([content, opening])


# %% three-inputs
# points: 4
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((8, 8, 1), name="image")
question = keras.Input((length,), name="question")
measurements = keras.Input((3,), name="measurements")
seen = layers.Dense(24, activation="relu")(layers.Flatten()(image))
asked = layers.GlobalAveragePooling1D()(layers.Embedding(words, 8, mask_zero=True)(question))
first = layers.Concatenate()([seen, asked])
skipped = layers.Add()([first, layers.Dense(32, activation="tanh")(first)])
second = layers.Concatenate()([skipped, measurements])
three_inputs = keras.Model([image, question, measurements], layers.Dense(1, activation="sigmoid")(second))


# %% retrieve
# points: 2
# says: ✗ 0/1  other lengths, one article among them: the shares that were asked for: not so
# says: ✗ 0/2  other lengths: the mix that was asked for: not so
def retrieve(question, articles):
    fits = layers.Dot(axes=(1, 2))([question, articles]) / question.shape[-1] ** 0.5
    shares = layers.Softmax()(fits)
    return layers.Dot(axes=(1, 1))([shares, articles]), shares
