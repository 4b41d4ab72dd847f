"""What the forms use: functions and layers as learners write them."""

# ruff: noqa: F401
import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


class Own:
    def __init__(self, by):
        self.by = by

    def scaled(self, t):
        return t * self.by

    def __call__(self, t):
        return t * self.by + 1


def own(t):
    return keras.ops.tanh(t) * 2


def relu(t):
    return t


def own_init(shape, dtype=None):
    return keras.ops.ones(shape, dtype) * 0.1


def own_init2(shape, dtype=None, value=0.0):
    return keras.ops.full(shape, value, dtype)


def own_init3(shape, dtype=None):
    return keras.ops.ones(shape, dtype) * 0.4


class OwnInit(keras.initializers.Initializer):
    def __init__(self, value):
        self.value = value

    def __call__(self, shape, dtype=None):
        return keras.ops.full(shape, self.value, dtype)

    def get_config(self):
        return {"value": self.value}


def own_reg(w):
    return 0.01 * keras.ops.sum(keras.ops.abs(w))


class OwnReg(keras.regularizers.Regularizer):
    def __init__(self, by):
        self.by = by

    def __call__(self, w):
        return self.by * keras.ops.sum(keras.ops.square(w))


def own_con(w):
    return keras.ops.maximum(w, 0)


class OwnCon(keras.constraints.Constraint):
    def __call__(self, w):
        return w / keras.ops.max(keras.ops.abs(w))


class TFLayer(layers.Layer):
    def call(self, x):
        return tf.math.l2_normalize(x, axis=-1)


class TFWeights(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 2), initializer="ones", name="w")

    def call(self, x):
        return tf.matmul(x, tf.square(self.w) + 0.5)


class VMap(layers.Layer):
    def call(self, x):
        return keras.ops.vectorized_map(lambda r: r * keras.ops.sum(r), x)


class Map(layers.Layer):
    def call(self, x):
        return keras.ops.map(lambda r: r * 2 + 1, x)


class Cond(layers.Layer):
    def call(self, x):
        return keras.ops.cond(keras.ops.sum(x) > 0, lambda: x * 2, lambda: x * 3)


class Scan(layers.Layer):
    def call(self, x):
        total, each = keras.ops.scan(lambda c, r: (c + r, c), keras.ops.zeros((3,)), x)
        return each


class While(layers.Layer):
    def call(self, x):
        return keras.ops.fori_loop(0, 3, lambda i, t: t * 2, x)


class AddLoss(layers.Layer):
    def call(self, x):
        self.add_loss(0.1 * keras.ops.sum(keras.ops.square(x)))
        return x


class AddLossWeights(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        y = x * self.w
        self.add_loss(keras.ops.mean(y))
        return y


class Nested(layers.Layer):
    def __init__(self, **k):
        super().__init__(**k)
        self.inner = TFWeights()
        self.outer = layers.Dense(2, activation=own)

    def call(self, x):
        return self.outer(self.inner(x))


class SubModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(2)

    def call(self, x):
        return self.d(x) * 2


class Plain(layers.Layer):
    def call(self, x):
        return (x - ops.mean(x, axis=0)) / (ops.std(x, axis=0) + 1)


class TrainKw(layers.Layer):
    def call(self, x, training=None):
        return x * 2 if training else x


class SeqInside(layers.Layer):
    def __init__(self, **k):
        super().__init__(**k)
        self.net = keras.Sequential([layers.Dense(2), layers.Dense(2, activation=tf.nn.relu)])

    def call(self, x):
        return self.net(x)


class Ref(layers.Layer):
    def __init__(self, **k):
        super().__init__(**k)
        self.d = layers.Dense(3)
        self.e = layers.Dense(3)

    def call(self, x):
        return self.e(self.d(x)) + ops.sum(self.d.kernel)


class NoConfig(layers.Layer):
    def __init__(self, units, other):
        super().__init__()
        self.units = units
        self.other = other

    def call(self, x):
        return x * self.units + len(self.other)


class Counter(layers.Layer):
    def build(self, s):
        self.n = self.add_weight(shape=(), initializer="zeros", trainable=False, name="n")

    def call(self, x):
        self.n.assign_add(1.0)
        return x * 2


class Cell(layers.Layer):
    def __init__(self, units, **k):
        super().__init__(**k)
        self.units = units
        self.state_size = units

    def build(self, s):
        self.w = self.add_weight(shape=(s[-1], self.units), initializer="ones", name="w")

    def call(self, x, states):
        out = ops.tanh(ops.matmul(x, self.w) + states[0])
        return out, [out]


class Distance(layers.Layer):
    def call(self, left, right):
        return ops.sum(ops.abs(left - right), axis=-1, keepdims=True)


class DistanceTF(layers.Layer):
    def call(self, left, right):
        return tf.reduce_sum(tf.abs(left - right), axis=-1, keepdims=True)


class OneOther(layers.Layer):
    def call(self, one, other):
        return one - 2 * other


class FromDict(layers.Layer):
    def call(self, given):
        return given["a"] - 3 * given["b"]


class FromList(layers.Layer):
    def call(self, given):
        return given[0] - 3 * given[1]


class Star(layers.Layer):
    def call(self, *given):
        return given[0] - 4 * given[1]


class StarKw(layers.Layer):
    def call(self, **given):
        return given["a"] - 5 * given["b"]


class KwOnly(layers.Layer):
    def call(self, x, *, scale):
        return x * scale


class Option(layers.Layer):
    def call(self, x, y, power=1):
        return (x - y) ** power


class TwoOut(layers.Layer):
    def call(self, x, y):
        return x + y, x - 2 * y


class DictOut(layers.Layer):
    def call(self, x, y):
        return {"s": x + y, "d": x - 2 * y}


class PairModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(2)

    def call(self, pair):
        return self.d(pair[0]) - self.d(pair[1])


class PairModel2(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(2)

    def call(self, one, other):
        return self.d(one) - self.d(other)


class Compare(keras.Model):
    pass


class Built(keras.Model):
    def __init__(self, units):
        x = keras.Input((4,))
        super().__init__(x, layers.Dense(units)(x))
        self.units = units


class MySeq(keras.Sequential):
    pass


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = layers.Dense(5, activation="relu")
        self.b = layers.Dense(2)

    def call(self, x, training=None):
        return self.b(self.a(x))


class OwnStep(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


class Holds(layers.Layer):
    def __init__(self, **k):
        super().__init__(**k)
        self.pool = layers.GlobalAveragePooling1D()
        self.drop = layers.Dropout(0.5)
        self.d = layers.Dense(2)
        self.r = layers.Reshape((2, 2))

    def call(self, x):
        return self.d(self.drop(self.pool(self.r(x))))


class Tied(layers.Layer):
    def __init__(self, other, **k):
        super().__init__(**k)
        self.other = other

    def build(self, s):
        self.b = self.add_weight(shape=(4,), name="b")

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.other.kernel)) + self.b


class TiedHolder(layers.Layer):
    def __init__(self, other, **k):
        super().__init__(**k)
        self.inner = Tied(other)

    def call(self, x):
        return self.inner(x)


@keras.saving.register_keras_serializable("forms")
class RegisteredCell(Cell):
    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("forms")
def registered_act(t):
    return keras.ops.tanh(t) * 2


class TwoWeights(layers.Layer):
    def build(self, one_shape, other_shape):
        self.w = self.add_weight(shape=(one_shape[-1], other_shape[-1]), initializer="ones")

    def call(self, one, other):
        return ops.sum(ops.matmul(one, self.w) * other, axis=-1, keepdims=True)


class MaskedMean(layers.Layer):
    def call(self, x, mask=None):
        return ops.sum(x, axis=1) if mask is None else ops.sum(x * ops.cast(mask, x.dtype)[..., None], axis=1)


class PassesMask(layers.Layer):
    def __init__(self, **k):
        super().__init__(**k)
        self.supports_masking = True

    def call(self, x):
        return x * 2


class SharesKernel(layers.Layer):
    def __init__(self, first, **k):
        super().__init__(**k)
        self.first = first

    def build(self, shape):
        self.kernel = self.first.kernel

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.kernel))
