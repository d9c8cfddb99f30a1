"""The common part of all peers: read the settings, run training steps, print the result.

A step is a function. The first steps warm up caches and compilers; the others are timed together."""

import argparse
import json
import time

# AdamW settings, the same as in Rust.
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY = 1e-3, (0.9, 0.999), 1e-8, 0.01
WARM_UP_STEPS, LEAST_STEPS = 3, 3


def settings():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("threads", type=int)
    parser.add_argument("seconds", type=float)
    return parser.parse_args()


def inputs(count):
    """Return values from -1 to 1, the same as in Rust."""
    return [(i * 7919 % 2001) / 1000 - 1 for i in range(count)]


def labels(count, classes):
    return [i * 31 % classes for i in range(count)]


def run(step, batch, parameters, seconds):
    for _ in range(WARM_UP_STEPS):
        step()
    start, steps = time.perf_counter(), 0
    while steps < LEAST_STEPS or time.perf_counter() - start < seconds:
        step()
        steps += 1
    elapsed = time.perf_counter() - start
    print(json.dumps({"parameters": parameters, "samples_per_second": steps * batch / elapsed}))
