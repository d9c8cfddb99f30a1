"""Converts an ONNX file to TFLite, in f32: to_tflite.py MODEL.onnx MODEL.tflite"""

import os
import pathlib
import shutil
import sys
import tempfile

import numpy

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""


def without_config(model):
    raise NotImplementedError


def main():
    model, target = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        # The converter compares both networks on pictures, which it would download unless it finds this file.
        pictures = numpy.random.default_rng(0).random((20, 128, 128, 3), numpy.float32)
        numpy.save("calibration_image_sample_data_20x128x128x3_float32.npy", pictures)
        import onnx2tf
        from tf_keras.src.engine.functional import Functional

        # The intermediate file would repeat all weights as JSON, which takes minutes.
        Functional.get_config = without_config
        onnx2tf.convert(
            input_onnx_file_path=str(model),
            output_folder_path="converted",
            not_use_onnxsim=True,
            # Skips corrections by trial, which take minutes; the benchmark compares the outputs.
            disable_strict_mode=True,
            non_verbose=True,
        )
        shutil.copy(next(pathlib.Path("converted").glob("*_float32.tflite")), f"{target}.new")
        os.replace(f"{target}.new", target)


main()
