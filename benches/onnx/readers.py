"""Runs exported models in the readers of ONNX.

Reads jobs from standard input and writes answers to standard output, one JSON object per line. A job names the
`reader`, the `model` (a file), `inputs` (for each run a list of arrays) and the `folder` that outputs are written to;
the answer contains `outputs` (for each run a list of arrays) and `seconds`, or `error`. An array is the file of its
f32 values, in the machine's byte order, and its shape.
"""

import json
import os
import pathlib
import sys
import time

import numpy
import onnx
import onnxruntime
import openvino
import tract


def checker(model, runs):
    """The checker and shape inference of `onnx`; it runs nothing."""
    loaded = onnx.load(model)
    onnx.checker.check_model(loaded, full_check=True)
    onnx.shape_inference.infer_shapes(loaded, check_type=True, strict_mode=True, data_prop=True)
    return []


def onnxruntime_cpu(model, runs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that wait actively take the cores from the other readers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return [session.run(None, dict(zip(names, inputs, strict=True))) for inputs in runs]


def openvino_cpu(model, runs):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    results = []
    for inputs in runs:
        outputs = compiled(dict(enumerate(inputs)))
        results.append([outputs[output] for output in compiled.outputs])
    return results


def tract_cpu(model, runs):
    runnable = tract.onnx().load(model).into_model().into_runnable()
    return [[output.to_numpy() for output in runnable.run(inputs)] for inputs in runs]


READERS = {"checker": checker, "onnxruntime": onnxruntime_cpu, "openvino": openvino_cpu, "tract": tract_cpu}


def read(array):
    return numpy.fromfile(array["file"], numpy.float32).reshape(array["shape"])


def written(array, file):
    array = numpy.ascontiguousarray(array)
    if array.dtype != numpy.float32:
        raise TypeError(f"expected an output of f32, found {array.dtype}")
    array.tofile(file)
    return {"file": str(file), "shape": list(array.shape)}


def answer(job):
    folder = pathlib.Path(job["folder"])
    start = time.perf_counter()
    runs = READERS[job["reader"]](job["model"], [[read(array) for array in run] for run in job["inputs"]])
    seconds = time.perf_counter() - start
    outputs = []
    for i, run in enumerate(runs):
        outputs.append([written(array, folder / f"output-{i}-{j}.f32") for j, array in enumerate(run)])
    return {"outputs": outputs, "seconds": seconds}


def main():
    # Libraries may print; what they print must not be mistaken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), file=answers, flush=True)


main()
