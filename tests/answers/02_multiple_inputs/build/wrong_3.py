"""Wrong answers: one branch used twice, numbers in the code, the last activation, ids as numbers, one gate."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 1
# says: ✗ 0/1  both inputs reach the output: asked for a path from 'measurements' to
# says: ✗ 0/1  1,040 + 48 + 250 parameters: two branches, one head: asked for 1,338 parameters; found 1,370
image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="measurements")
x = layers.Dense(8, activation="relu")(measurements)
x = layers.Dense(16, activation="relu")(layers.Flatten()(image))
joined = keras.Model([image, measurements], layers.Dense(10, activation="softmax")(layers.Concatenate()([x, x])))


# %% image-and-question
# points: 4
# says: ✗ 0/1  other words and lengths; a probability for every word, the last one too: not so
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="question")
    seen = layers.Dense(32, activation="relu")(layers.Flatten()(image))
    asked = layers.Flatten()(layers.Embedding(16, 8)(question))
    both = layers.Dense(32, activation="relu")(layers.Concatenate()([seen, asked]))
    return keras.Model([image, question], layers.Dense(1, activation="sigmoid")(both))


# %% residual-block
# points: 3
# says: ✗ 0/1  with its convolutions at zero, a block is the ReLU of its input: not so
# says: ✗ 0/1  the whole is the function in the picture: not so
def residual_block(x, kernel_size=3):
    residual = layers.Conv2D(x.shape[-1], kernel_size, padding="same", activation="relu")(x)
    residual = layers.Conv2D(x.shape[-1], kernel_size, padding="same")(residual)
    return layers.Add()([x, residual])


# %% mixed-table
# points: 2
# says: ✗ 0/1  6 + 240 + 17 parameters that train: asked for 263 trainable parameters; found 261
# says: ✗ 0/1  the wines: the function in the picture: not so
def make_table_model(numbers, cultivars):
    measured, cultivar = keras.Input((numbers.shape[1],), name="numbers"), keras.Input((1,), name="cultivar")
    scale = layers.Normalization()
    scale.adapt(numbers)
    both = layers.Concatenate()([scale(measured), layers.Dense(2)(cultivar)])
    return keras.Model([measured, cultivar], layers.Dense(1)(layers.Dense(16, activation="relu")(both)))


# %% gate
# points: 3
# says: the function that was asked for, with new weights: not so: what is shared differs, or how many layers there are
GATES = {}


def gate(content, condition):
    size = content.shape[-1], condition.shape[-1]
    if size not in GATES:
        GATES[size] = layers.Dense(size[0], activation="sigmoid")
    return layers.Multiply()([content, GATES[size](condition)])


# %% three-inputs
# points: 2
# says: ✗ 0/1  1,560 + 1,056 + 36 parameters, and 8 for each word: asked for 2,780 parameters; found
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((8, 8, 1), name="image")
question = keras.Input((length,), name="question")
measurements = keras.Input((3,), name="measurements")
seen = layers.Dense(24, activation="relu")(layers.Flatten()(image))
asked = layers.GlobalAveragePooling1D()(layers.Embedding(words, 8)(question))
first = layers.Concatenate()([seen, asked, measurements])
skipped = layers.Add()([first, layers.Dense(35, activation="tanh")(first)])
three_inputs = keras.Model([image, question, measurements], layers.Dense(1, activation="sigmoid")(skipped))


# %% retrieve
# points: 2
# says: ✗ 0/1  a question (None, 4) and six articles: a mix (None, 4) and shares (None, 6), no parameters: asked for 2
# says: ✗ 0/2  other lengths: the mix that was asked for: not so
def retrieve(question, articles):
    shares = layers.Softmax()(layers.Dot(axes=(1, 2))([question, articles]))
    return layers.Multiply()([layers.Reshape((-1, 1))(shares), articles]), shares
