"""TensorFlow in Python on a batch of bytes:  python host_tf.py FOLDER FILE RUNS  prints {"median": milliseconds of one prediction}."""
import base64
import json
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

folder, file, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
model = tf.saved_model.load(folder)
predict = model.signatures["serving_default"]
[name] = predict.structured_input_signature[1]
with open(file) as items:
    data = np.array([base64.b64decode(text) for text in json.load(items)], dtype=object)


def once():
    start = time.perf_counter()
    outputs = predict(**{name: tf.constant(data)})
    for output in outputs.values():
        output.numpy()
    return (time.perf_counter() - start) * 1000


for _ in range(runs):
    once()
print(json.dumps({"median": statistics.median(once() for _ in range(runs))}), flush=True)
