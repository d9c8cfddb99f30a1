"""Runs one network in one runtime, in turns.

Reads JSON from standard input, one object per line, and answers each line with another. The first names the
`runtime`, the `model` (a file), the `input` (the file of its f32 values in the machine's byte order, and its shape),
the `output` (the file that the output is written to) and the number of `threads`; the answer has the runtime's
`version`, or `error`. Each further line is a turn with its duration in `seconds`; the answer has the `median` and the
`least` time of a run in milliseconds, and the number of `runs`.
"""

import json
import os
import sys
import time

import numpy

# Runs that take less time are measured in groups of this duration, because reading the clock takes time.
GROUP = 50e-6


def onnxruntime(model, array, threads):
    """ONNX Runtime, with input and output bound to fixed memory."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_ortvalue_input(session.get_inputs()[0].name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
    shape = session.get_outputs()[0].shape
    output = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, numpy.float32)
    binding.bind_ortvalue_output(session.get_outputs()[0].name, output)
    return onnxruntime.__version__, lambda: session.run_with_iobinding(binding), output.numpy


def openvino(model, array, threads):
    """OpenVINO in f32, with the input in fixed memory."""
    import openvino

    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        # The process is pinned from outside.
        "ENABLE_CPU_PINNING": False,
    }
    compiled = core.compile_model(core.read_model(model), "CPU", settings)
    request = compiled.create_infer_request()
    request.set_tensor(compiled.input(0), openvino.Tensor(array))
    return openvino.__version__.split("-")[0], request.infer, lambda: request.get_output_tensor(0).data


def litert(model, array, threads):
    """LiteRT, whose default delegate is XNNPACK. Its tensors have the channels last."""
    from importlib.metadata import version

    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=model, num_threads=threads)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    if list(source["shape"]) != list(array.shape):
        array = numpy.ascontiguousarray(numpy.moveaxis(array, 1, -1))
    interpreter.set_tensor(source["index"], array)

    def output():
        found = interpreter.get_tensor(target["index"])
        return numpy.moveaxis(found, -1, 1) if found.ndim > 2 else found

    return version("ai-edge-litert"), interpreter.invoke, output


def tract(model, array, threads):
    """tract, on one thread."""
    from importlib.metadata import version

    import tract

    if threads > 1:
        raise ValueError("the Python package has one thread")
    runnable = tract.onnx().load(model).into_model().into_runnable()
    return version("tract"), lambda: runnable.run([array]), lambda: runnable.run([array])[0].to_numpy()


RUNTIMES = {"onnxruntime": onnxruntime, "openvino": openvino, "litert": litert, "tract": tract}


def load(job):
    array = numpy.fromfile(job["input"]["file"], numpy.float32).reshape(job["input"]["shape"])
    version, run, output = RUNTIMES[job["runtime"]](job["model"], array, job["threads"])
    run()
    found = numpy.ascontiguousarray(output())
    if found.dtype != numpy.float32:
        raise TypeError(f"expected an output of f32, found {found.dtype}")
    found.tofile(job["output"])
    return run, {"version": version}


def turn(run, seconds):
    clock = time.perf_counter
    end = clock() + seconds
    start = clock()
    run()
    first = clock() - start
    group = max(1, int(GROUP / max(first, 1e-9)))
    # A run that takes as long as the turn is not repeated.
    times = [first] if group == 1 else []
    while not times or clock() < end:
        start = clock()
        for _ in range(group):
            run()
        times.append((clock() - start) / group)
    times = numpy.array(times) * 1e3
    return {"median": float(numpy.median(times)), "least": float(times.min()), "runs": len(times) * group}


def main():
    # Libraries may print; what they print must not be mistaken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    run = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if run is None:
                run, answer = load(message)
            else:
                answer = turn(run, message["seconds"])
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
