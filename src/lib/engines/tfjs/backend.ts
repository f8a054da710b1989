import type { Topology, WebNode } from "../../targets/web/topology.js";

interface HasTopology {
	readonly topology: Topology;
}

/** Always, or for nodes of which this is true. */
type Lack = (node: WebNode) => boolean;

const always: Lack = () => true;
const unlessFloat: Lack = ({ attr }) => attr.T?.type !== "DT_FLOAT";

/**
 * What TensorFlow.js 4.22 has no WebAssembly kernel for, or one that must not be used; its plain JavaScript kernels do it.
 * Found by running every operation vector on both.
 */
const WASM_LACKS: Readonly<Record<string, Lack | undefined>> = {
	BatchMatMulV2: unlessFloat,
	Complex: always,
	ComplexAbs: always,
	Einsum: always,
	// takes the batch of the indices for that of the elements
	GatherV2: ({ attr }) => attr.batch_dims?.i !== "0",
	FFT: always,
	// divides in floating point
	FloorDiv: ({ attr }) => attr.T !== undefined && attr.T.type !== "DT_FLOAT",
	IFFT: always,
	IRFFT: always,
	Imag: always,
	MatMul: unlessFloat,
	MaxPool: unlessFloat,
	// starts from the smallest positive number
	MaxPool3D: always,
	MaxPoolWithArgmax: always,
	RFFT: always,
	Real: always,
	// copies bools as if they had the size of numbers
	SelectV2: ({ attr }) => attr.T?.type === "DT_BOOL",
	// these write wherever an index points to
	ScatterNd: always,
	TensorScatterUpdate: always,
};

/** Operations after which the order of what runs, or a size, is known only while it runs. */
const DYNAMIC: ReadonlySet<string> = new Set([
	"Enter",
	"Merge",
	"Enter",
	"Exit",
	"If",
	"Merge",
	"NextIteration",
	"NonMaxSuppressionV2",
	"NonMaxSuppressionV3",
	"NonMaxSuppressionV5",
	"StatelessIf",
	"StatelessWhile",
	"Switch",
	"Where",
	"While",
]);

/** The fastest backend that has all that a model needs. */
export function backendFor(model: HasTopology): "wasm" | "cpu" {
	return lackedByWasm(model).length > 0 ? "cpu" : "wasm";
}

function hasStrings({ attr }: WebNode): boolean {
	return Object.values(attr).some(({ type }) => type === "DT_STRING");
}

/** Whether TensorFlow.js must be asked to run a model step by step. */
export function isDynamic(model: HasTopology): boolean {
	return nodesOf(model).some(({ op }) => DYNAMIC.has(op));
}

/** The nodes of a model that WebAssembly does not run, or not right. */
export function lackedByWasm(model: HasTopology): readonly WebNode[] {
	return nodesOf(model).filter(
		(node) => WASM_LACKS[node.op]?.(node) === true || hasStrings(node),
	);
}

/** Whether TensorFlow.js runs a model by `executeAsync` alone. */
export function needsAsync(model: HasTopology): boolean {
	return (
		isDynamic(model) ||
		hasListsAlone(model) ||
		nodesOf(model).some(({ op }) => op.startsWith("LookupTable"))
	);
}

/** Lists make TensorFlow.js run step by step, and complain of every such run of a graph without branches and loops. */
export function hasListsAlone(model: HasTopology): boolean {
	return (
		!isDynamic(model) &&
		nodesOf(model).some(({ op }) => /^(Empty)?TensorList/.test(op))
	);
}

function nodesOf({ topology }: HasTopology): readonly WebNode[] {
	return [
		...topology.node,
		...topology.library.function.flatMap(({ nodeDef }) => nodeDef),
	];
}
