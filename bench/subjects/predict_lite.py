"""TensorFlow Lite's interpreter:  python predict_lite.py FILE RUNS  prints {"median": milliseconds of one prediction}."""
import json
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

file, runs = sys.argv[1], int(sys.argv[2])
interpreter = tf.lite.Interpreter(model_path=file, num_threads=1)
[given] = interpreter.get_input_details()
[made] = interpreter.get_output_details()
shape = [size if size > 0 else 1 for size in given["shape_signature"]]
interpreter.resize_tensor_input(given["index"], shape)
interpreter.allocate_tensors()
x = np.random.RandomState(1).rand(*shape).astype("float32")


def once():
    start = time.perf_counter()
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    interpreter.get_tensor(made["index"])
    return (time.perf_counter() - start) * 1000


for _ in range(6):
    once()
print(json.dumps({"median": statistics.median(once() for _ in range(runs))}), flush=True)
