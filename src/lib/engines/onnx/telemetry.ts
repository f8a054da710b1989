/**
 * ONNX Runtime's builds since 1.30 report to their maker over the network, and keep a log in the folder for temporary files,
 * unless this variable says no when the library is loaded (onnxruntime/core/platform/posix/telemetry.cc). A server of somebody's
 * models does not, unless its operator set the variable otherwise. It has to be called in the main thread: others have copies of
 * the environment, which native code does not see.
 */
export function refuseTelemetry(): void {
	process.env.ORT_DISABLE_TELEMETRY ??= "1";
}
