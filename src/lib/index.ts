/**
 * mlship as a library: read a SavedModel, run its signatures, serve and convert them.
 *
 * ```ts
 * const version = await loadModel("./models/digits/2");
 * const { output_0 } = await predict(version, "serving_default", { image });
 * await version.close();
 *
 * const plan = await planConversion("./models/digits/2", { target: "web" });
 * await writeConversion(plan, { out: "./digits-web" });
 * ```
 */
export {
	type Conversion,
	type ConversionPlan,
	type ConvertOptions,
	planConversion,
	type WriteOptions,
	writeConversion,
} from "./convert/convert.js";
export type { TargetSettings } from "./convert/target.js";
export { TARGETS } from "./convert/targets.js";
export type {
	Engine,
	EngineOptions,
	Obstacle,
	OpObstacle,
	Origin,
	Session,
	SessionPort,
	Tensors,
} from "./engines/engine.js";
export { ENGINE_NAMES, ENGINES, loadProgram } from "./engines/index.js";
export {
	ERROR_CODES,
	type ErrorCode,
	type ErrorDetails,
	type ErrorPlace,
	MlshipError,
} from "./errors.js";
export { type BuildSource, buildProgram } from "./graph/build.js";
export type { Graph, Node, Port, Program } from "./graph/ir.js";
export {
	findModels,
	type ModelEntry,
	type VersionEntry,
} from "./repository/list.js";
export { type Completeness, isComplete } from "./repository/ready.js";
export {
	type Bundle,
	type BundleEntry,
	openBundle,
} from "./savedmodel/bundle.js";
export {
	findMetaGraph,
	readSavedModel,
	type SavedModelFile,
} from "./savedmodel/read.js";
export {
	findSignature,
	listSignatures,
	type Signature,
	type SignaturePort,
} from "./savedmodel/signature.js";
export { type ModelSummary, summarize } from "./savedmodel/summary.js";
export { bindVariables, type Variable } from "./savedmodel/variables.js";
export { Host } from "./serving/host.js";
export {
	type LoadedVersion,
	type LoadOptions,
	loadModel,
} from "./serving/load.js";
export { predict } from "./serving/predict.js";
export {
	openRestServer,
	type RestServer,
	type RestServerOptions,
} from "./serving/rest/server.js";
export type { Constant } from "./tensor/constant.js";
export { DTYPES, type DType } from "./tensor/dtype.js";
export {
	defaultScale,
	type PictureLayout,
	type PixelScale,
	pictureLayout,
	readPicture,
} from "./tensor/image.js";
export { decodePredictRequest } from "./tensor/json/decode.js";
export { encodePredictResponse } from "./tensor/json/encode.js";
export { readNpy, writeNpy } from "./tensor/npy.js";
export { readNpz, writeNpz } from "./tensor/npz.js";
export {
	type Shape,
	type Tensor,
	type TensorData,
	tensor,
} from "./tensor/tensor.js";
