"""Makes a big model for the measurements:  python models.py mobilenet_v2|resnet50|vgg16 FOLDER

Untrained weights, but batch normalization with statistics as after training, so that nothing folds away by being 0 or 1.
"""
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

MAKERS = {
    "mobilenet_v2": keras.applications.MobileNetV2,
    "resnet50": keras.applications.ResNet50,
    "vgg16": keras.applications.VGG16,
}


def main(name, folder):
    keras.utils.set_random_seed(5)
    random = np.random.RandomState(5)
    model = MAKERS[name](weights=None)
    for weight in model.weights:
        if weight.path.endswith(("moving_variance", "gamma")):
            weight.assign(random.uniform(0.8, 1.2, weight.shape))
        elif weight.path.endswith(("moving_mean", "beta")):
            weight.assign(random.normal(scale=0.1, size=weight.shape))
    target = pathlib.Path(folder) / name
    model.export(str(target / "1.part"), verbose=False)
    (target / "1.part").rename(target / "1")


main(*sys.argv[1:])
