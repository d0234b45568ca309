"""Writes what the tests of TensorFlow import; untrained, as nothing depends on it."""

import sys
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers


class Doubled(tf.Module):
    """A function of three numbers."""

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def serve(self, x):
        return {"doubled": x * 2, "sum": tf.reduce_sum(x, axis=1, keepdims=True)}


class Kept(tf.Module):
    """A function that writes a file each time it is asked."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def serve(self, x):
        tf.io.write_file(self.path, tf.strings.as_string(tf.shape(x)[0]))
        return {"y": x + 1}


class Saved(Kept):
    """One that writes it as a checkpoint, within a function of its own."""

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def serve(self, x):
        return {"y": self.save(x) + 1}

    @tf.function
    def save(self, x):
        tf.raw_ops.SaveV2(prefix=self.path, tensor_names=["x"], shape_and_slices=[""], tensors=[x])
        return x


def main() -> None:
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(0)
    dense = keras.Sequential([keras.Input((8,)), layers.Dense(16, "relu"), layers.Dense(3, "softmax")])
    dense.export(folder / "dense", verbose=False)
    dense.save(folder / "dense.keras")
    ids, extra = keras.Input((6,), dtype="int32", name="ids"), keras.Input((2,), name="extra")
    joined = layers.Concatenate()([layers.LSTM(5)(layers.Embedding(20, 4)(ids)), extra])
    outputs = {"price": layers.Dense(1)(joined), "kind": layers.Dense(3, "softmax")(joined)}
    keras.Model([ids, extra], outputs).export(folder / "several", verbose=False)
    for name, module in (
        ("doubled", Doubled()),
        ("kept", Kept(folder / "written")),
        ("saved", Saved(folder / "written")),
    ):
        tf.saved_model.save(module, folder / name, signatures=module.serve)
    tf.saved_model.save(tf.Module(), folder / "silent")
    (folder / "damaged").mkdir()
    (folder / "damaged" / "saved_model.pb").write_bytes(b"\x08\x01damaged")


if __name__ == "__main__":
    main()
