#!/bin/bash
# The peers of the measurements, in two Python environments under $MLSHIP_BENCH_PEERS (default ~/.cache/mlship-peers): about
# three minutes and 5 GB. Nothing but `npm run bench` uses them. A load generator: Debian's `wrk`, else autocannon from npm.
set -euo pipefail
peers=${MLSHIP_BENCH_PEERS:-$HOME/.cache/mlship-peers}
mkdir -p "$peers"
if [ ! -x "$peers/tf/bin/saved_model_cli" ]; then # TensorFlow, saved_model_cli, the servers' packages
	python3 -m venv "$peers/tf"
	"$peers/tf/bin/pip" install -q tensorflow-cpu==2.21.0 fastapi uvicorn flask gunicorn orjson
fi
if ! "$peers/tfjs/bin/python" -c 'import tf2onnx' 2>/dev/null; then # tf2onnx wants an older protobuf than TensorFlow
	python3 -m venv "$peers/tfjs"
	"$peers/tfjs/bin/pip" install -q tensorflowjs==4.22.0 tf2onnx==1.17.0 "setuptools<81" tensorflow-decision-forests==1.12.0 ydf==0.11.0 protobuf==5.29.6
fi
echo "$peers"
