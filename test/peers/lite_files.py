"""Has the TensorFlow Lite interpreter of TensorFlow's package answer questions:  python lite_files.py JOBS.json

Prints a line of JSON for each job of the list, {"id", "error"} where one is refused; the answers become files. Ends with 77 where
a package is missing.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
try:
    import numpy as np
    import tensorflow as tf
except ImportError as error:
    print(json.dumps({"lacks": f"the package {error.name} is absent"}))
    sys.exit(77)


def ask(job):
    interpreter = tf.lite.Interpreter(model_path=job["main"])
    runner = interpreter.get_signature_runner(job["signature"])
    types = runner.get_input_details()
    for question in job["questions"]:
        given = {
            name: np.load(path).astype(types[name]["dtype"])
            for name, path in zip(job["inputs"], question["inputs"])
        }
        made = runner(**given)
        for name, path in zip(job["outputs"], question["answers"]):
            answer = made[name]
            # numpy's files hold bytes, or objects of Python
            np.save(path, answer.astype(bytes) if answer.dtype == object else answer)


with open(sys.argv[1]) as file:
    jobs = json.load(file)
for job in jobs:
    line = {"id": job["id"]}
    try:
        ask(job)
    except Exception as error:  # whatever a reader says of a file
        line["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(line), flush=True)
