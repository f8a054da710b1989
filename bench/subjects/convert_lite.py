"""TensorFlow's own converter:  python convert_lite.py FOLDER FILE"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

folder, file = sys.argv[1:]
model = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
with open(file, "wb") as out:
    out.write(model)
