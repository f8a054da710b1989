/**
 * THE table of what of mlship's dependencies a server loads. The bundle has the code of the others in it, or never asks for
 * them while it serves: h5wasm reads files of Keras, ora draws on terminals, TensorFlow.js is another engine.
 */
export const SERVER_PACKAGES: ReadonlySet<string> = new Set([
	"@grpc/grpc-js",
	"fastify",
	"fflate",
	"onnxruntime-node",
	"onnxruntime-web",
	"pino",
	"prom-client",
	"re2js",
	"sharp",
]);

/** Packages that others name, and what runs never loads: helpers of install scripts, and what is bundled into its owner. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
	"onnxruntime-node": ["adm-zip", "global-agent"],
	"onnxruntime-web": [
		"flatbuffers",
		"guid-typescript",
		"long",
		"platform",
		"protobufjs",
	],
};

/** Whether a package's dependency stays out of an image; `runtime` is the one build of ONNX Runtime that goes in. */
export function isLeftOut(
	owner: string,
	name: string,
	runtime: OnnxRuntime,
): boolean {
	if (owner !== "mlship") return LEFT_OUT[owner]?.includes(name) ?? false;
	if (name.startsWith("onnxruntime-")) return name !== runtime;
	return !SERVER_PACKAGES.has(name);
}

export type OnnxRuntime = "onnxruntime-node" | "onnxruntime-web";

/** Which files of a package go in, by their names within it. */
export function fileRule(
	name: string,
	arch: string,
): (file: string) => boolean {
	const wanted = WANTED[name]?.(arch);
	return (file) =>
		LICENCES.test(file) ||
		(!LEFT_OUT_FILES.test(file) && (wanted === undefined || wanted.test(file)));
}

/** What stays with the code wherever it goes. */
const LICENCES = /(^|\/)(licen[cs]e|notice|copying|copyright)[^/]*$/i;

/** Sources, types, maps and pages, and what packages are developed with. */
const LEFT_OUT_FILES =
	/(\.(ts|mts|cts|map|md|markdown|html|flow)$)|^(tests?|__tests__|docs?|examples?|benchmarks?|integration|scripts)\//;

/** Packages of which only some files are loaded. */
const WANTED: Readonly<Record<string, (arch: string) => RegExp>> = {
	mlship: () => /^(package\.json$|bin\/|bundle\/)/,
	"onnxruntime-node": (arch) =>
		new RegExp(`^(package\\.json$|dist/|bin/[^/]+/linux/${arch}/)`),
	"onnxruntime-web": () =>
		/^(package\.json$|dist\/(ort\.node\.min|ort-wasm-simd-threaded)\.(mjs|wasm)$)/,
	protobufjs: () => /^(?!dist\/)/,
	// its sources in C++
	sharp: () => /^(?!src\/|install\/)/,
};
