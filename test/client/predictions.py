"""Asks a server all that TensorFlow's own client of TensorFlow Serving can ask it, and compares with what the model computes.

`python predictions.py HOST:PORT half_plus_two`: the model is TensorFlow Serving's half_plus_two, y = x / 2 + 2. Prints a line
for each call; ends with 1 at the first answer that is another one, with 77 where a package is missing.
"""

import sys

try:
    import grpc
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2
    from tensorflow_serving.apis import (
        classification_pb2,
        get_model_metadata_pb2,
        get_model_status_pb2,
        inference_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
        regression_pb2,
    )
except ImportError as error:
    print(f"cannot import {error.name}")
    sys.exit(77)

SECONDS = 30


def example(x):
    values = tf.train.FloatList(value=[x])
    feature = {"x": tf.train.Feature(float_list=values)}
    return tf.train.Example(features=tf.train.Features(feature=feature))


def check(call, found, wanted):
    print(f"{call}: {found}")
    if found != wanted:
        sys.exit(f"{call}: {wanted} was wanted")


def predict(stub, model):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    # as bytes of a tensor, then as a list of values
    request.inputs["x"].CopyFrom(tf.make_tensor_proto([[2.0], [5.0]]))
    response = stub.Predict(request, SECONDS)
    check("Predict", tf.make_ndarray(response.outputs["y"]).tolist(), [[3.0], [4.5]])
    check("Predict, model_spec", response.model_spec.version.value, 123)
    request.inputs["x"].CopyFrom(
        tensor_pb2.TensorProto(
            dtype=tf.float32.as_datatype_enum,
            tensor_shape=tf.TensorShape([1, 1]).as_proto(),
            float_val=[2.0],
        )
    )
    request.output_filter.append("y")
    response = stub.Predict(request, SECONDS)
    check("Predict, float_val", list(response.outputs["y"].float_val), [3.0])


def refused(stub):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "nobody"
    try:
        stub.Predict(request, SECONDS)
        check("Predict of an unknown model", "answered", "refused")
    except grpc.RpcError as error:
        check(
            "Predict of an unknown model",
            (error.code(), error.details().split(";")[0]),
            (
                grpc.StatusCode.NOT_FOUND,
                "Servable not found for request: Latest(nobody)",
            ),
        )


def classify(stub, model):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = "classify_x_to_y"
    request.input.example_list.examples.extend([example(2.0), example(4.0)])
    response = stub.Classify(request, SECONDS)
    scores = [row.classes[0].score for row in response.result.classifications]
    check("Classify", scores, [3.0, 4.0])


def regress(stub, model):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = "regress_x_to_y"
    examples = request.input.example_list_with_context
    examples.context.CopyFrom(example(2.0))
    examples.examples.extend([tf.train.Example(), example(4.0)])
    response = stub.Regress(request, SECONDS)
    values = [row.value for row in response.result.regressions]
    check("Regress", values, [3.0, 4.0])


def multi_inference(stub, model):
    request = inference_pb2.MultiInferenceRequest()
    for method in ["regress", "classify"]:
        task = request.tasks.add()
        task.model_spec.name = model
        task.model_spec.signature_name = f"{method}_x_to_y"
        task.method_name = f"tensorflow/serving/{method}"
    request.input.example_list.examples.append(example(2.0))
    regression, classification = stub.MultiInference(request, SECONDS).results
    check(
        "MultiInference",
        (
            regression.regression_result.regressions[0].value,
            classification.classification_result.classifications[0].classes[0].score,
        ),
        (3.0, 3.0),
    )


def metadata(stub, model):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = model
    request.metadata_field.append("signature_def")
    response = stub.GetModelMetadata(request, SECONDS)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    found = signatures.signature_def["serving_default"]
    check("GetModelMetadata", found.inputs["x"].name, "x:0")


def status(stub, model):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = model
    versions = stub.GetModelStatus(request, SECONDS).model_version_status
    available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
    check(
        "GetModelStatus",
        [(version.version, version.state) for version in versions],
        [(123, available)],
    )


def main(place, model):
    channel = grpc.insecure_channel(place)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    predict(stub, model)
    refused(stub)
    classify(stub, model)
    regress(stub, model)
    multi_inference(stub, model)
    metadata(stub, model)
    status(model_service_pb2_grpc.ModelServiceStub(channel), model)


main(*sys.argv[1:])
