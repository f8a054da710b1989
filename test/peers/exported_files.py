"""Has TensorFlow load SavedModels as `tf.saved_model.load` does and as TensorFlow Serving does, in a session, and answer cases of
fixtures/keras:  python exported_files.py JOBS.json

Prints a line of JSON for each job of the list, {"id", "error"} where one is refused or answers otherwise. Ends with 77 without
TensorFlow.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
try:
    import numpy as np
    import tensorflow as tf
except ImportError as error:
    print(json.dumps({"lacks": f"the package {error.name} is absent"}))
    sys.exit(77)

v1 = tf.compat.v1
SAVED_MODEL_CLI = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli"]
HALVES = ("float16", "bfloat16")


def decoded(value):
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value


def tensors(case, side):
    found = {}
    for name, value in case[side].items():
        dtype = case["dtypes"][name]
        if dtype == "string":
            array = np.array(decoded(value), object)
        else:
            array = np.array(value, tf.as_dtype(dtype).as_numpy_dtype)
        found[name] = array.reshape(case.get("shapes", {}).get(name, array.shape))
    return found


def by_loading(folder, inputs):
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    answers = signature(**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in answers.items()}


def by_session(folder, inputs):
    with tf.Graph().as_default(), v1.Session() as session:
        signature = v1.saved_model.load(session, ["serve"], folder).signature_def["serving_default"]
        names = list(signature.outputs)
        fed = {signature.inputs[name].name: value for name, value in inputs.items()}
        return dict(zip(names, session.run([signature.outputs[name].name for name in names], fed)))


def by_command(folder, inputs):
    with tempfile.TemporaryDirectory() as place:
        words = []
        for number, (name, value) in enumerate(inputs.items()):
            path = os.path.join(place, f"{number}.npy")
            np.save(path, value)
            words.append(f"{name}={path}")
        signature = ["--tag_set", "serve", "--signature_def", "serving_default"]
        run = ["run", "--dir", folder, *signature, "--inputs", ";".join(words), "--outdir", os.path.join(place, "out")]
        subprocess.run([*SAVED_MODEL_CLI, *run], check=True, capture_output=True)
        made = os.listdir(os.path.join(place, "out"))
        return {name.removesuffix(".npy"): np.load(os.path.join(place, "out", name)) for name in made}


def compare(way, answers, expected):
    for name, wanted in expected.items():
        found = answers[name]
        if (found.shape, found.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(f"{way}: {name} is {found.dtype} {found.shape}, wanted {wanted.dtype} {wanted.shape}")
        if wanted.dtype.kind in "OSbiu":
            if not (found == wanted).all():
                raise ValueError(f"{way}: {name} differs")
            continue
        limit = 1e-2 if str(wanted.dtype) in HALVES else 1e-4
        np.testing.assert_allclose(found.astype("f8"), wanted.astype("f8"), rtol=limit, atol=limit / 10, err_msg=f"{way}: {name}")


def check(job):
    if job.get("cli"):
        subprocess.run([*SAVED_MODEL_CLI, "show", "--dir", job["dir"], "--all"], check=True, capture_output=True)
    with open(job["cases"]) as file:
        for number, case in enumerate(json.load(file)):
            inputs, expected = tensors(case, "inputs"), tensors(case, "outputs")
            compare("tf.saved_model.load", by_loading(job["dir"], inputs), expected)
            compare("session", by_session(job["dir"], inputs), expected)
            # each takes seconds; files of input have no text
            if job.get("cli") and number == 0 and all(value.dtype.kind != "O" for value in inputs.values()):
                compare("saved_model_cli run", by_command(job["dir"], inputs), expected)


with open(sys.argv[1]) as file:
    jobs = json.load(file)
for job in jobs:
    line = {"id": job["id"]}
    try:
        check(job)
    except Exception as error:  # whatever TensorFlow says of a model
        line["error"] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    print(json.dumps(line), flush=True)
