"""Wrong answers: merged too early, merged too late to combine, shared by accident, and pieces left out."""
# ruff: noqa: F821

# %% join-two-inputs
# points: 2
# says: ✗ 0/1  1,040 + 48 + 250 parameters: two branches, one head: asked for 1,338 parameters; found 1,930
# says: ✗ 0/1  the whole is the function in the picture: not so
image, measurements = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="measurements")
row = layers.Concatenate()([layers.Flatten()(image), measurements])
joined = keras.Model([image, measurements], layers.Dense(10, "softmax")(layers.Dense(24, activation="relu")(row)))


# %% image-and-question
# points: 4
# says: ✗ 0/2  after 10 epochs, at least 85 % of unseen images answered, with at most 20,000 parameters: asked for at
def make_answerer(words, length):
    image, question = keras.Input((8, 8, 1), name="image"), keras.Input((length,), name="question")
    seen = layers.Dense(32, activation="relu")(layers.Flatten()(image))
    asked = layers.Flatten()(layers.Embedding(words, 8)(question))
    both = layers.Concatenate()([seen, asked])
    return keras.Model([image, question], layers.Dense(1, activation="sigmoid")(both))


# %% residual-block
# points: 1
# says: ✗ 0/1  three blocks in a row have three times the parameters: asked for 13,920 parameters; found 4,640
# says: ✗ 0/1  other maps and kernels: 5×1 with 7 channels, any size, one channel
first = layers.Conv2D(16, 3, padding="same", activation="relu")
second = layers.Conv2D(16, 3, padding="same")


def residual_block(x, kernel_size=3):
    return layers.ReLU()(layers.Add()([x, second(first(x))]))


# %% mixed-table
# points: 3
# says: ✗ 0/1  the wines: the function in the picture: not so
# says: ✗ 0/1  other tables, with other columns and more cultivars: the same function: not so
def make_table_model(numbers, cultivars):
    measured, cultivar = keras.Input((numbers.shape[1],), name="numbers"), keras.Input((1,), name="cultivar")
    vine = layers.Flatten()(layers.Embedding(cultivars, 2)(cultivar))
    hidden = layers.Dense(16, activation="relu")(layers.Concatenate()([measured, vine]))
    return keras.Model([measured, cultivar], layers.Dense(1)(hidden))


# %% gate
# points: 3
# says: ✗ 0/1  maps of other sizes: the function that was asked for
def gate(content, condition):
    return content * layers.Dense(content.shape[-1], activation="sigmoid")(condition)


# %% three-inputs
# points: 3
# says: ✗ 0/1  past the dense layer in the middle, image and question arrive by the skip: not so
# says: ✗ 0/2  the whole is the function in the picture: not so
image = keras.Input((8, 8, 1), name="image")
question = keras.Input((length,), name="question")
measurements = keras.Input((3,), name="measurements")
x = layers.Dense(24, activation="relu")(layers.Flatten()(image))
x = layers.Concatenate()([x, layers.GlobalAveragePooling1D()(layers.Embedding(words, 8)(question))])
x = layers.Dense(32, activation="tanh")(x)
x = layers.Concatenate()([layers.Add()([x, x]), measurements])
three_inputs = keras.Model([image, question, measurements], layers.Dense(1, activation="sigmoid")(x))


# %% retrieve
# points: 1
# says: ✗ 0/1  the shares of a question add up to 1, and the article that fits best has the largest: asked for shares
# says: ✗ 0/2  other lengths: the mix that was asked for: not so
def retrieve(question, articles):
    shares = keras.ops.sigmoid(layers.Dot(axes=(1, 2))([question, articles]))
    return layers.Dot(axes=(1, 1))([shares, articles]), shares
