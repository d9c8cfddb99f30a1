"""Writes small files in the formats of docs/recipes.md, each case in a folder of its own, and the recordings that
must be read from the results, as JSON: `script`, and for each recording its `group`, `input` [C, T] and `target`
(the name of a class, or one for each sample; null if it is unknown)."""

import json
import os
import pathlib
import sys
import warnings

import h5py
import numpy
import pandas
import pyedflib
import scipy.io
import scipy.io.wavfile
import wfdb


def signal(recording, channels, length):
    """Integers that differ at each place."""
    c, t = numpy.ogrid[:channels, :length]
    return ((37 * recording + 11 * c + 7 * t + t * t % 13) % 401 - 200).astype("f8")


def one(recording, channels, length, target, group=None):
    return {"group": group, "input": signal(recording, channels, length).tolist(), "target": target}


def hdf5():
    recordings = []
    for i, subject in enumerate(["0001", "0006", "0010"]):
        folder = pathlib.Path("store/mesa")
        folder.mkdir(parents=True, exist_ok=True)
        labels = numpy.arange(480) // 60 % 6
        mask = (numpy.arange(480) % 100 >= 10 * i).astype("i1")
        with h5py.File(folder / f"{subject}.h5", "w") as h5:
            h5["features"] = signal(i, 5, 480).T
            h5["stage_labels"] = labels.astype("i4")
            h5["mask"] = mask
        names = ["wake" if label == 0 else "sleep" for label in labels]
        target = [name if known else None for name, known in zip(names, mask)]
        recordings.append(one(i, 5, 480, target, f"nights/{subject}.npz"))
    return "from_hdf5.py", recordings


def edf():
    rate, seconds = 10, 120
    header = {"sample_frequency": rate, "physical_min": -32768, "physical_max": 32767, "digital_min": -32768}
    header |= {"digital_max": 32767, "dimension": "uV", "transducer": "", "prefilter": ""}
    names = ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal"]
    signals = signal(0, 3, rate * seconds)
    writer = pyedflib.EdfWriter("night.edf", 3, file_type=pyedflib.FILETYPE_EDFPLUS)
    writer.setSignalHeaders([header | {"label": name} for name in names])
    writer.writeSamples(list(signals))
    stages = [("W", "W"), ("1", "N1"), ("?", None), ("R", "REM"), ("2", "N2"), ("W", "W")]
    target = []
    for i, (stage, name) in enumerate(stages):
        writer.writeAnnotation(20 * i, 20, f"Sleep stage {stage}")
        target += [name] * 20 * rate
    writer.close()
    return "from_edf.py", [{"group": None, "input": signals[[0, 2]].tolist(), "target": target}]


def records():
    recordings = []
    names = {"N": "normal", "V": "ventricular", "A": "atrial"}
    for i, record in enumerate(["100", "101"]):
        signals = signal(i, 2, 2000)
        wfdb.wrsamp(record, fs=360, units=["mV", "mV"], sig_name=["MLII", "V1"], d_signal=signals.T.astype("i8"),
                    fmt=["16", "16"], adc_gain=[1, 1], baseline=[0, 0])
        beats = [(30, "N"), (400, "N"), (800, "V"), (1000, "+"), (1200, "A"), (1950, "N")]
        wfdb.wrann(record, "atr", numpy.array([at for at, _ in beats]), symbol=[symbol for _, symbol in beats])
        for at, symbol in beats[1:5]:
            if symbol in names:
                window = signals[:, at - 60 : at + 100].tolist()
                recordings.append({"group": record, "input": window, "target": names[symbol]})
    return "from_wfdb.py", recordings


def parquet():
    frames, recordings = [], []
    for i, series in enumerate(["a1", "b2"]):
        states = ["awake" if t // 40 % 2 == 0 else "asleep" for t in range(120)]
        signals = signal(i, 2, 120) / 8
        times = pandas.date_range("2026-03-01", periods=120, freq="5s")
        columns = {"series_id": series, "timestamp": times, "anglez": signals[0], "enmo": signals[1]}
        frames.append(pandas.DataFrame(columns | {"step": range(120), "state": states}))
        recordings.append({"group": series, "input": signals.tolist(), "target": states})
    pandas.concat(frames).to_parquet("series.parquet")
    return "from_parquet.py", recordings


def trials():
    labels = [1, 2, 3, 2]
    recordings = [one(i, 3, 50, str(label)) for i, label in enumerate(labels)]
    return numpy.stack([signal(i, 3, 50).T for i in range(4)]), numpy.array([labels], "f8"), recordings


def mat_7():
    signals, labels, recordings = trials()
    scipy.io.savemat("trials.mat", {"signals": signals, "labels": labels})
    return "from_mat.py", recordings


def mat_7_3():
    signals, labels, recordings = trials()
    with h5py.File("trials.mat", "w", userblock_size=512) as h5:
        h5["signals"], h5["labels"] = signals.T, labels.T
    with open("trials.mat", "r+b") as file:
        # MATLAB's header: a text, the version 2.0, and the order of bytes.
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    return "from_mat.py", recordings


def wav():
    recordings = []
    for i, (name, kind, length) in enumerate([("dog", "int16", 800), ("dog", "float32", 900), ("rain", "stereo", 700)]):
        folder = pathlib.Path("clips") / name
        folder.mkdir(parents=True, exist_ok=True)
        samples = signal(i, 1, length)[0]
        if kind == "stereo":
            both = numpy.stack([samples + 40, samples - 40], axis=1)
            scipy.io.wavfile.write(folder / f"{i}.wav", 8000, both.astype("i2"))
        elif kind == "int16":
            scipy.io.wavfile.write(folder / f"{i}.wav", 8000, samples.astype("i2"))
        else:
            scipy.io.wavfile.write(folder / f"{i}.wav", 8000, (samples / 2**15).astype("f4"))
        clip = numpy.zeros(800)
        clip[: len(samples)] = samples[:800] / 2**15
        recordings.append({"group": None, "input": [clip.tolist()], "target": name})
    return "from_wav.py", recordings


warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
for case in [hdf5, edf, records, parquet, mat_7, mat_7_3, wav]:
    folder = root / case.__name__
    folder.mkdir()
    os.chdir(folder)
    script, recordings = case()
    pathlib.Path("expected.json").write_text(json.dumps({"script": script, "recordings": recordings}))
