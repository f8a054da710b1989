import type {
	GraphProto,
	NodeProto,
	TypeProto,
	ValueInfoProto,
} from "../../gen/onnx_pb.js";
import { fail } from "../errors.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";

/** An input or output of an ONNX graph that is a tensor. */
export interface OnnxPort {
	readonly name: string;
	/** The value of the graph; another one than `name` where a map is given as the tensor that it was made of. */
	readonly value: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** An output that cannot be given to a caller. */
export interface LeftOut {
	readonly name: string;
	/** `a sequence of maps`. */
	readonly reason: string;
}

export interface OnnxPorts {
	readonly inputs: readonly OnnxPort[];
	readonly outputs: readonly OnnxPort[];
	readonly leftOut: readonly LeftOut[];
}

/**
 * What a graph takes and gives. Weights that old exporters list as inputs are none. scikit-learn's classifiers give a map
 * from class to probability for each row (`ZipMap`): its tensor of probabilities is given instead. Fails with UNSUPPORTED
 * where an input, or every output, is no tensor of a known type.
 */
export function readPorts(graph: GraphProto, path: string): OnnxPorts {
	const weights = new Set(graph.initializer.map(({ name }) => name));
	const refuse = (what: string) =>
		fail("UNSUPPORTED", `cannot use ${path}: ${what}`, { at: { file: path } });
	const inputs = graph.input
		.filter(({ name }) => !weights.has(name))
		.map((info) => {
			const port = portOf(info);
			if ("reason" in port)
				throw refuse(
					`its input "${info.name}" is ${port.reason}, a tensor was wanted`,
				);
			return port;
		});
	const zipMaps = new Map(
		graph.node
			.filter(({ opType }) => opType === ZIP_MAP)
			.map((node) => [node.output[0], node]),
	);
	const found = graph.output.map((info) => {
		const zipMap = zipMaps.get(info.name);
		return zipMap === undefined ? portOf(info) : probabilities(zipMap);
	});
	const outputs = found.filter((port) => "dtype" in port);
	const leftOut = found.filter((port) => "reason" in port);
	if (outputs.length === 0)
		throw refuse(
			leftOut.length === 0
				? "it has no outputs"
				: `its output "${leftOut[0].name}" is ${leftOut[0].reason}, a tensor was wanted`,
		);
	return { inputs, outputs, leftOut };
}

/** Of the domain `ai.onnx.ml`: a tensor [N,C] becomes a sequence of N maps. */
const ZIP_MAP = "ZipMap";

function probabilities({ input, output, attribute }: NodeProto): OnnxPort {
	const classes = attribute.reduce(
		(sum, { ints, strings }) => sum + ints.length + strings.length,
		0,
	);
	return {
		name: output[0],
		value: input[0],
		dtype: "float32",
		shape: [-1, classes > 0 ? classes : -1],
	};
}

function portOf({ name, type }: ValueInfoProto): OnnxPort | LeftOut {
	const value = type?.value;
	if (value?.case !== "tensorType") return { name, reason: kindOf(type) };
	const { elemType, shape } = value.value;
	const dtype = BY_NUMBER.get(elemType);
	if (dtype === undefined)
		return { name, reason: `a tensor of ONNX's element type ${elemType}` };
	return {
		name,
		value: name,
		dtype,
		shape: shape?.dim.map(({ value: size }) =>
			size.case === "dimValue" && size.value >= 0n ? Number(size.value) : -1,
		),
	};
}

function kindOf(type: TypeProto | undefined): string {
	const value = type?.value;
	return value?.case === "sequenceType"
		? `a sequence of ${PLURALS[value.value.elemType?.value.case ?? ""] ?? "values"}`
		: (KINDS[value?.case ?? ""] ?? "of no declared type");
}

const KINDS: Readonly<Record<string, string>> = {
	mapType: "a map",
	sparseTensorType: "a sparse tensor",
	optionalType: "a value that may be missing",
};

const PLURALS: Readonly<Record<string, string>> = {
	tensorType: "tensors",
	mapType: "maps",
};

/** ONNX Runtime's interface to JavaScript has no bfloat16 and no complex numbers. */
const NO_JAVASCRIPT: ReadonlySet<DType> = new Set([
	"bfloat16",
	"complex64",
	"complex128",
]);

const BY_NUMBER: ReadonlyMap<number, DType> = new Map(
	(Object.keys(DTYPES) as DType[])
		.filter((dtype) => DTYPES[dtype].onnx > 0 && !NO_JAVASCRIPT.has(dtype))
		.map((dtype) => [DTYPES[dtype].onnx, dtype]),
);
