"""Wrong answers: inputs without names, words as amounts, an activation too many or another one, no skip."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 2
# says: inputs `image` (None, 8, 8, 1) and `measurements` (None, 5), output (None, 10): asked for 2 inputs of shape
# says: ✗ 0/1  the whole is the function in the picture: not so: a name or a key differs
image, measurements = keras.Input((8, 8, 1)), keras.Input((5,))
from_image = layers.Dense(16, activation="relu")(layers.Flatten()(image))
from_pen = layers.Dense(8, activation="relu")(measurements)
both = layers.Concatenate()([from_image, from_pen])
joined = keras.Model([image, measurements], layers.Dense(10, activation="softmax")(both))


# %% image-and-question
# points: 5
# says: ✗ 0/1  each word has numbers of its own: neighbours are no nearer than other words: not so
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((length,), name="question")
    seen = layers.Dense(64, activation="relu")(layers.Flatten()(image))
    asked = layers.Dense(64, activation="relu")(question)
    both = layers.Dense(64, activation="relu")(layers.Concatenate()([seen, asked]))
    return keras.Model([image, question], layers.Dense(1, activation="sigmoid")(both))


# %% residual-block
# points: 4
# says: ✗ 0/1  the whole is the function in the picture: not so
def residual_block(x, kernel_size=3):
    residual = layers.Conv2D(x.shape[-1], kernel_size, padding="same", activation="relu")(x)
    residual = layers.Conv2D(x.shape[-1], kernel_size, padding="same", activation="relu")(residual)
    return layers.ReLU()(layers.Add()([x, residual]))


# %% mixed-table
# points: 2
# says: ✗ 0/1  6 + 240 + 17 parameters that train: asked for 263 trainable parameters; found 287
# says: ✗ 0/1  the wines: the function in the picture: not so
def make_table_model(numbers, cultivars):
    measured, cultivar = keras.Input((numbers.shape[1],), name="numbers"), keras.Input((1,), name="cultivar")
    vine = layers.Flatten()(layers.Embedding(cultivars, 2)(cultivar))
    both = layers.Concatenate()([layers.BatchNormalization()(measured), vine])
    return keras.Model([measured, cultivar], layers.Dense(1)(layers.Dense(16, activation="relu")(both)))


# %% gate
# points: 2
# says: ✗ 0/1  maps of other sizes: the function that was asked for: not so
# says: ✗ 0/1  vectors of other lengths: the function that was asked for, with new weights: not so
def gate(content, condition):
    return layers.Multiply()([content, layers.Dense(content.shape[-1], activation="softmax")(condition)])


# %% three-inputs
# points: 3
# says: ✗ 0/1  past the dense layer in the middle, image and question arrive by the skip: not so
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((8, 8, 1), name="image")
question = keras.Input((length,), name="question")
measurements = keras.Input((3,), name="measurements")
seen = layers.Dense(24, activation="relu")(layers.Flatten()(image))
asked = layers.GlobalAveragePooling1D()(layers.Embedding(words, 8)(question))
middle = layers.Dense(32, activation="tanh")(layers.Concatenate()([seen, asked]))
last = layers.Concatenate()([middle, measurements])
three_inputs = keras.Model([image, question, measurements], layers.Dense(1, activation="sigmoid")(last))


# %% retrieve
# points: 1
# says: the article that fits best has the largest: asked for the largest share at the article that fits best; found
# says: ✗ 0/1  other lengths, one article among them: the shares that were asked for: not so
# says: ✗ 0/2  other lengths: the mix that was asked for: not so
def retrieve(question, articles):
    shares = layers.Softmax()(layers.Dot(axes=(1, 2), normalize=True)([question, articles]))
    return layers.Dot(axes=(1, 1))([shares, articles]), shares
