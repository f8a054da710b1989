import { Names } from "../../graph/names.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type {
	OnnxAttr,
	OnnxGraph,
	OnnxInitializer,
	OnnxNode,
} from "./graph.js";
import { livingGraph } from "./liveness.js";
import { OPSET } from "./versions.js";

/** An operation that an opset lacks. */
export interface TooOld {
	readonly node: OnnxNode;
	/** The first opset that has it. */
	readonly needed: number;
}

export interface InOpset {
	readonly graph: OnnxGraph;
	/** Empty where the graph can be written so. */
	readonly lacking: readonly TooOld[];
}

/** A graph of the newest opset in the words of an older one (onnx/docs/Changelog.md). */
export function inOpset(graph: OnnxGraph, opset: number): InOpset {
	if (opset >= OPSET) return { graph, lacking: [] };
	const older = new Older(graph, opset);
	const made = older.graph(graph);
	const initializers = [...made.initializers, ...older.added];
	return {
		graph: livingGraph({ ...made, initializers }),
		lacking: older.lacking,
	};
}

/** What changed in an opset: returns nodes that say the same in the one before, or that there are none. */
interface Change {
	readonly since: number;
	readonly applies?: (node: OnnxNode, older: Older) => boolean;
	readonly before?: (
		node: OnnxNode,
		older: Older,
	) => readonly OnnxNode[] | undefined;
}

/** Axes became an input. */
const axesInput: Change = {
	since: 18,
	applies: ({ inputs }) => inputs.length > 1,
	before: (node, older) => {
		const axes = older.integers(node.inputs[1]);
		if (axes === undefined) return undefined;
		const { noop_with_empty_axes, ...attrs } = node.attrs;
		if (axes.length === 0 && noop_with_empty_axes === 1)
			return [{ ...node, op: "Identity", inputs: [node.inputs[0]], attrs: {} }];
		return [{ ...node, inputs: [node.inputs[0]], attrs: { ...attrs, axes } }];
	},
};

/** Truth values could be reduced. */
const ofTruth: Change = {
	since: 20,
	applies: ({ inputs }, older) => older.isTruth(inputs[0]),
	before: (node, older) => {
		const [value, ...rest] = node.inputs;
		const [whole, reduced] = ["whole", "reduced"].map((name) =>
			older.name(`${node.name}/${name}`),
		);
		return [
			cast(value, whole, DTYPES.uint8.onnx),
			{ ...node, inputs: [whole, ...rest], outputs: [reduced] },
			cast(reduced, node.outputs[0], DTYPES.bool.onnx),
		];
	},
};

/** Without its sign bit a number is itself, or as far from the smallest one. */
const withoutSign: Change = {
	since: 18,
	before: (node, older) => {
		const [value, mask] = node.inputs;
		const held = older.constant(mask);
		const low = lowBits(node, held, older);
		if (low !== undefined) return [low];
		const smallest =
			held?.dtype === "int64"
				? BigInt64Array.of(-(2n ** 63n))
				: Int32Array.of(-(2 ** 31));
		const isMask =
			held !== undefined &&
			held.data.length === 1 &&
			Number(held.data[0]) === -1 - Number(smallest[0]);
		if (!isMask) return undefined;
		const { dtype, shape } = held;
		const zeros =
			smallest instanceof BigInt64Array
				? BigInt64Array.of(0n)
				: Int32Array.of(0);
		const [zero, least] = [zeros, smallest].map((data, i) =>
			older.initializer(`${node.name}/${i === 0 ? "zero" : "least"}`, {
				dtype,
				shape,
				data,
			}),
		);
		const [isNegative, moved] = ["negative", "moved"].map((name) =>
			older.name(`${node.name}/${name}`),
		);
		const made = (op: string, inputs: string[], output: string): OnnxNode => ({
			...{ op, domain: "", name: `${output}/${op}` },
			...{ inputs, outputs: [output], attrs: {} },
		});
		return [
			made("Less", [value, zero], isNegative),
			made("Sub", [value, least], moved),
			made("Where", [isNegative, moved, value], node.outputs[0]),
		];
	},
};

/** The lower bits of a whole number are what is left of it, never below zero, by a power of 2. */
function lowBits(
	node: OnnxNode,
	mask: Tensor | undefined,
	older: Older,
): OnnxNode | undefined {
	if (mask?.data.length !== 1 || !/^int(32|64)$/.test(mask.dtype))
		return undefined;
	const by = Number(mask.data[0]) + 1;
	const most = mask.dtype === "int64" ? 2 ** 53 : 2 ** 30;
	if (by < 1 || by > most || !Number.isInteger(Math.log2(by))) return undefined;
	const divisor = older.initializer(
		`${node.name}/divisor`,
		tensorFromNumbers(mask.dtype, mask.shape, [by]),
	);
	return { ...node, op: "Mod", inputs: [node.inputs[0], divisor] };
}

function cast(from: string, to: string, type: number): OnnxNode {
	const [name, inputs, outputs] = [`${to}/Cast`, [from], [to]];
	return { op: "Cast", domain: "", name, inputs, outputs, attrs: { to: type } };
}

const absent = (since: number): Change => ({ since });

/** Parts of one size need no number. */
const equalParts: Change = {
	since: 18,
	applies: ({ attrs }) => attrs.num_outputs !== undefined,
	before: ({ attrs: { num_outputs, ...attrs }, ...node }) => [
		{ ...node, attrs },
	],
};

const reducing = (values: readonly OnnxAttr[], since: number): Change => ({
	since,
	applies: ({ attrs }) => values.includes(attrs.reduction ?? "none"),
});

const scattering = [reducing(["add", "mul"], 16), reducing(["max", "min"], 18)];

/** The newest change of an operation first. */
const CHANGES: Readonly<Record<string, readonly Change[] | undefined>> = {
	ReduceMax: [ofTruth, axesInput],
	ReduceMin: [ofTruth, axesInput],
	ReduceMean: [axesInput],
	ReduceProd: [axesInput],
	ReduceL1: [axesInput],
	ReduceL2: [axesInput],
	ReduceLogSumExp: [axesInput],
	ReduceSumSquare: [axesInput],
	Split: [equalParts],
	BitwiseAnd: [withoutSign],
	BitwiseNot: [absent(18)],
	BitwiseOr: [absent(18)],
	BitwiseXor: [absent(18)],
	Gelu: [absent(20)],
	LayerNormalization: [absent(17)],
	GridSample: [absent(20)],
	Mish: [absent(18)],
	DFT: [absent(17)],
	StringConcat: [absent(20)],
	RegexFullMatch: [absent(20)],
	ScatterElements: scattering,
	ScatterND: scattering,
	Pad: [
		{ since: 18, applies: ({ inputs }) => inputs.length > 3 },
		{ since: 19, applies: ({ attrs }) => attrs.mode === "wrap" },
	],
	Resize: [
		{
			since: 18,
			applies: ({ attrs }) =>
				attrs.antialias === 1 ||
				attrs.axes !== undefined ||
				attrs.keep_aspect_ratio_policy !== undefined,
		},
	],
};

/** Operations whose outputs are truth values, and those that hand them on. */
const MAKES_TRUTH =
	/^(Equal|Less|Greater|LessOrEqual|GreaterOrEqual|And|Or|Not|Xor|IsNaN|IsInf)$/;
const HANDS_ON =
	/^(Identity|Reshape|Transpose|Squeeze|Unsqueeze|Expand|Gather|Slice|Concat)$/;

/** Has a lifetime: one graph with its bodies. */
class Older {
	readonly lacking: TooOld[] = [];
	readonly #opset: number;
	readonly #constants: ReadonlyMap<string, Constant>;
	readonly #added: OnnxInitializer[] = [];
	readonly #truth = new Set<string>();
	readonly #names = new Names();

	constructor({ initializers, inputs }: OnnxGraph, opset: number) {
		this.#opset = opset;
		this.#constants = new Map(
			initializers.map(({ name, constant }) => [name, constant]),
		);
		for (const { name, constant } of initializers) {
			this.#names.take(name);
			if (constant.dtype === "bool") this.#truth.add(name);
		}
		for (const { name, dtype } of inputs)
			if (dtype === "bool") this.#truth.add(name);
	}

	graph(graph: OnnxGraph): OnnxGraph {
		for (const { outputs } of graph.nodes)
			for (const name of outputs) this.#names.take(name);
		return { ...graph, nodes: graph.nodes.flatMap((node) => this.#node(node)) };
	}

	/** The elements of an int64 constant. */
	integers(name: string): readonly number[] | undefined {
		const constant = this.#constants.get(name);
		return constant?.dtype === "int64"
			? Array.from(constant.read().data as BigInt64Array, Number)
			: undefined;
	}

	constant(name: string): Tensor | undefined {
		return this.#constants.get(name)?.read();
	}

	/** Adds a constant, and returns what it is called. */
	initializer(wanted: string, tensor: Tensor): string {
		const name = this.#names.take(wanted);
		this.#added.push({ name, constant: heldConstant(tensor) });
		return name;
	}

	get added(): readonly OnnxInitializer[] {
		return this.#added;
	}

	isTruth(name: string): boolean {
		return this.#truth.has(name);
	}

	name(wanted: string): string {
		return this.#names.take(wanted);
	}

	#node(original: OnnxNode): readonly OnnxNode[] {
		const node = { ...original, attrs: this.#attrs(original) };
		if (makesTruth(node, this)) this.#truth.add(node.outputs[0]);
		const change = CHANGES[node.op]?.find(
			({ since, applies }) =>
				since > this.#opset && (applies?.(node, this) ?? true),
		);
		if (node.domain !== "" || change === undefined) return [node];
		const said = change.before?.(node, this);
		if (said === undefined) {
			this.lacking.push({ node, needed: change.since });
			return [node];
		}
		return said.flatMap((one) => (one.op === "Cast" ? [one] : this.#node(one)));
	}

	#attrs({ attrs }: OnnxNode): OnnxNode["attrs"] {
		return Object.fromEntries(
			Object.entries(attrs).map(([name, attr]) => [
				name,
				typeof attr === "object" && "graph" in attr
					? { graph: this.graph(attr.graph) }
					: attr,
			]),
		);
	}
}

function makesTruth({ op, inputs, attrs }: OnnxNode, older: Older): boolean {
	return (
		MAKES_TRUTH.test(op) ||
		(HANDS_ON.test(op) && older.isTruth(inputs[0])) ||
		(op === "Cast" && attrs.to === DTYPES.bool.onnx)
	);
}
