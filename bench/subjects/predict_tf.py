"""TensorFlow in Python:  python predict_tf.py FOLDER RUNS [BATCH]  prints {"median": milliseconds of one prediction}."""
import json
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

folder, runs = sys.argv[1], int(sys.argv[2])
batch = int(sys.argv[3]) if len(sys.argv) > 3 else 1
model = tf.saved_model.load(folder)
predict = model.signatures["serving_default"]
[(name, spec)] = predict.structured_input_signature[1].items()
x = np.random.RandomState(1).rand(*(size or batch for size in spec.shape)).astype("float32")


def once():
    start = time.perf_counter()
    next(iter(predict(**{name: tf.constant(x)}).values())).numpy()
    return (time.perf_counter() - start) * 1000


once()
if runs > 1:
    for _ in range(5):
        once()
print(json.dumps({"median": statistics.median(once() for _ in range(runs)) if runs > 1 else 0}), flush=True)
