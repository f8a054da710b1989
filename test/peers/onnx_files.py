"""Has the package onnx check ONNX files, and ONNX Runtime for Python answer questions:  python onnx_files.py JOBS.json

Prints a line of JSON for each job of the list, {"id", "error"} where one is refused; the answers become files. Begins with a line
{"lacks": ...} where a package is missing that it can do without, and ends with 77 where one is that it needs.
"""

import json
import sys

try:
    import numpy as np
    import onnx
except ImportError as error:
    print(json.dumps({"lacks": f"the package {error.name} is absent"}))
    sys.exit(77)
try:
    import onnxruntime
except ImportError:
    onnxruntime = None
    print(json.dumps({"lacks": "the package onnxruntime is absent, so answers are not compared"}))


def ask(job):
    """Ports have the order of the signature; a name may be another one, as ONNX has one value of a name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        job["main"], options, providers=["CPUExecutionProvider"]
    )
    names = [port.name for port in session.get_inputs()]
    for question in job["questions"]:
        given = dict(zip(names, map(np.load, question["inputs"])))
        for path, made in zip(question["answers"], session.run(None, given)):
            # numpy's files hold bytes, or objects of Python
            np.save(path, np.char.encode(made.astype(str)) if made.dtype == object else made)


def check(job):
    # ONNX has no port of any shape; ONNX Runtime takes it where a signature does
    if not job["anyRank"]:
        # by path: weights may lie beside the file
        onnx.checker.check_model(job["main"], full_check=True)
    if onnxruntime is not None:
        ask(job)


with open(sys.argv[1]) as file:
    jobs = json.load(file)
for job in jobs:
    line = {"id": job["id"]}
    try:
        check(job)
    except Exception as error:  # whatever a reader says of a file
        line["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(line), flush=True)
