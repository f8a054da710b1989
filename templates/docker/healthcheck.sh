# The HEALTHCHECK of images with TensorFlow Serving, which has no client for HTTP but bash: each model has a version that
# answers. The status route says 200 for a model that still loads, so what it says is read.
for model in "$@"; do
	exec 3<>/dev/tcp/127.0.0.1/8501 || exit 1
	printf 'GET /v1/models/%s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$model" >&3
	available=no
	while IFS= read -r line <&3; do
		[[ $line == *'"AVAILABLE"'* ]] && available=yes
	done
	exec 3>&-
	[[ $available == yes ]] || exit 1
done
