"""Makes files of Keras, and times what Python does with one:

python keras_files.py large FILE       a network of 105 MB
python keras_files.py MobileNetV2 FILE  a network of keras.applications, with random weights
python keras_files.py export FILE DIR   model.export(DIR) of a file
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

task, file, *rest = sys.argv[1:]
if task == "export":
    keras.models.load_model(file).export(rest[0], verbose=False)
elif task == "large":
    layers = [keras.layers.Dense(1024) for _ in range(25)]
    keras.Sequential([keras.Input((1024,)), *layers]).save(file)
else:
    getattr(keras.applications, task)(weights=None).save(file)
