"""Train SleepKit's own network with Keras on TensorFlow: `python peer_keras.py ss-4 THREADS SECONDS`."""

import importlib.util
import os
import sys
import types

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

import measure


def sleepkit_tcn():
    """Import the module `sleepkit.models.tcn` without the rest of the package."""
    folder = importlib.util.find_spec("sleepkit").submodule_search_locations[0]
    for name, place in (("sleepkit", folder), ("sleepkit.models", os.path.join(folder, "models"))):
        package = types.ModuleType(name)
        package.__path__ = [place]
        sys.modules[name] = package
    import sleepkit.models.tcn as tcn

    return tcn


def ss_4():
    """Build the network of SleepKit's configs/ss-4-tcn-sm.json."""
    options = dict(depth=2, branch=1, kernel=(1, 7), dropout=0.1, ex_ratio=1, se_ratio=4, norm="batch")
    widths = enumerate((16, 24, 32, 48, 64))
    blocks = [dict(filters=width, dilation=(1, 2**n), **options) for n, width in widths]
    top = dict(output_kernel=(1, 7), include_top=True, use_logits=True, model_name="tcn")
    params = dict(input_kernel=(1, 7), input_norm="batch", blocks=blocks, **top)
    tcn = sleepkit_tcn()
    params = tcn.TcnParams(**params)
    for block in params.blocks:
        # SleepKit stores the ratio as a float, but Keras 3 rejects a float as a number of channels.
        block.se_ratio = 4
    return tcn.Tcn(keras.Input((240, 14)), params, 4)


def main():
    settings = measure.settings()
    if settings.network != "ss-4":
        raise SystemExit(f"network: expected ss-4, found {settings.network}")
    tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model, batch = ss_4(), 128
    x = np.array(measure.inputs(batch * 14 * 240), "float32").reshape(batch, 14, 240).transpose(0, 2, 1)
    y = np.array(measure.labels(batch * 240, 4)).reshape(batch, 240)
    optimizer = keras.optimizers.AdamW(
        learning_rate=measure.LEARNING_RATE,
        beta_1=measure.BETAS[0],
        beta_2=measure.BETAS[1],
        epsilon=measure.EPSILON,
        weight_decay=measure.WEIGHT_DECAY,
    )
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = tf.constant(np.ascontiguousarray(x)), tf.constant(y)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    measure.run(lambda: model.train_on_batch(x, y), batch, parameters, settings.seconds)


main()
