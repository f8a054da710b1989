import { fail, MlshipError } from "../../errors.js";
import { inferTypes } from "../../graph/infer.js";
import type { Graph, Node, Port, Program, ValueName } from "../../graph/ir.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { hasSmallValues } from "./arithmetic.js";
import { type, typeName, webShape } from "./attrs.js";
import { type Keeping, WebBuilder, WebNames } from "./builder.js";
import { fuseNodes } from "./fusion.js";
import { withLoweredFlow } from "./lowered-flow.js";
import type { BodyPorts, BodyRole, WebRow, WebValue } from "./lowering.js";
import { complexRows, TAKES_COMPLEX } from "./ops/complex.js";
import { controlRows } from "./ops/control.js";
import { WEB_LOWERINGS, webLack } from "./ops/index.js";
import { listRows } from "./ops/list.js";
import { stringRows } from "./ops/string.js";
import { tableRows } from "./ops/table.js";
import { TAKES_TEXT, textRows } from "./ops/text.js";
import { narrowStorage, type WebWeight, webStorage } from "./storage.js";
import type {
	Topology,
	WebArg,
	WebFunction,
	WebNode,
	WebSignature,
	WebTensorInfo,
} from "./topology.js";

/** A program as TensorFlow.js has it: what a model.json says, and the weights that lie beside it. */
export interface WebModel {
	readonly topology: Topology;
	/** What runs once before the rest: it fills tables. */
	readonly initializer?: Omit<Topology, "library">;
	readonly signature: WebSignature;
	readonly weights: readonly WebWeight[];
}

/** A node without a form in TensorFlow.js, with the reason. */
export interface WebObstacle {
	readonly node: Node;
	readonly reason: string;
}

/** The model, which is worth nothing where there are obstacles: they are all that stands in its way. */
export interface WebLowered {
	readonly model: WebModel;
	readonly obstacles: readonly WebObstacle[];
	/** Element types that are computed in narrower ones. */
	readonly narrowed: ReadonlySet<DType>;
}

export interface WebOptions {
	/** Takes element types whose values TensorFlow.js may not hold all, instead of refusing them. */
	readonly narrows?: boolean;
	/** Whether branches and loops become TensorFlow 1's nodes, instead of naming functions. */
	readonly lowersFlow?: boolean;
}

/** Lowers a program, after the passes, to a graph model of TensorFlow.js; weights stay unread. */
export function lowerToWeb(
	program: Program,
	{ narrows = false, lowersFlow = false }: WebOptions = {},
): WebLowered {
	const lowering = new Lowering(program.functions, narrows);
	const main = lowering.graph(program, "", "nothing");
	const initializer = lowering.initializer(program.initializer);
	const { obstacles, names } = lowering;
	const library = lowering.library();
	const used = new Set(
		[
			...main.nodes,
			...initializer,
			...library.flatMap(({ nodeDef }) => nodeDef),
		].map(({ name }) => name),
	);
	const topology = {
		node: main.nodes,
		library: { function: library },
		versions: VERSIONS,
	};
	const infos = (ports: readonly Port[], nodes: ReadonlyMap<string, string>) =>
		Object.fromEntries(ports.map((port) => [port.name, infoOf(nodes, port)]));
	return {
		narrowed: lowering.narrowed,
		obstacles,
		model: {
			topology:
				lowersFlow && obstacles.length === 0
					? withLoweredFlow(topology)
					: topology,
			...(initializer.length === 0
				? {}
				: { initializer: { node: initializer, versions: VERSIONS } }),
			signature: {
				inputs: infos(program.inputs, main.inputs),
				outputs: infos(program.outputs, main.outputs),
			},
			weights: names.weights.filter(({ name }) => used.has(name)),
		},
	};
}

/** Of TensorFlow 2.21, the registry that our attributes are read with. */
const VERSIONS = { producer: 2348 };

interface LoweredGraph {
	readonly nodes: readonly WebNode[];
	/** The node of each port, by the port's name. */
	readonly inputs: ReadonlyMap<string, string>;
	readonly outputs: ReadonlyMap<string, string>;
	readonly kept: readonly WebValue[];
}

interface LoweredBody {
	readonly function: WebFunction;
	readonly kept: number;
}

/** The main graph and its bodies on their way. Has a lifetime: one lowering. */
class Lowering {
	readonly names = new WebNames();
	readonly obstacles: WebObstacle[] = [];
	readonly #bodies: ReadonlyMap<string, Graph>;
	readonly #functions = new Map<string, LoweredBody>();

	readonly narrowed = new Set<DType>();
	readonly #narrows: boolean;

	constructor(bodies: ReadonlyMap<string, Graph>, narrows: boolean) {
		this.#bodies = bodies;
		this.#narrows = narrows;
	}

	#mayNarrow(dtype: DType): boolean {
		if (this.#narrows) this.narrowed.add(dtype);
		return this.#narrows;
	}

	/** Why a type cannot be held; `undefined` if it can. */
	#typeObstacle(dtype: DType): string | undefined {
		const held = webStorage(dtype);
		if (typeof held === "string") return undefined;
		const narrow = this.#narrows ? narrowStorage(dtype) : held;
		if (typeof narrow === "object") return narrow.reason;
		this.narrowed.add(dtype);
		return undefined;
	}

	library(): readonly WebFunction[] {
		return [...this.#functions.values()].map((body) => body.function);
	}

	/** The nodes that fill tables. */
	initializer(graph: Graph): readonly WebNode[] {
		if (graph.nodes.length === 0) return [];
		return this.#lower(graph, "initializer/", "nothing").nodes;
	}

	graph(graph: Graph, prefix: string, keeping: Keeping): LoweredGraph {
		const { nodes, kept, ...ports } = this.#lower(graph, prefix, keeping);
		const outputs = [...ports.outputs.values(), ...kept];
		return { ...ports, kept, nodes: fuseNodes(nodes, this.names, outputs) };
	}

	#lower(graph: Graph, prefix: string, keeping: Keeping): LoweredGraph {
		const isBody = prefix !== "";
		const builder = new WebBuilder({
			names: this.names,
			types: inferTypes(graph),
			used: usedValues(graph),
			makers: new Map(
				graph.nodes.flatMap((node) =>
					node.outputs.map((output) => [output, node] as const),
				),
			),
			mayNarrow: (dtype) => this.#mayNarrow(dtype),
			body: (name, role = {}) =>
				this.#body(
					name,
					role,
					role.isLoop && !isBody ? "carried" : "impossible",
				),
			prefix,
			keeping,
		});
		const ports = (list: readonly Port[]) =>
			isBody ? list.filter(isWanted) : list;
		const inputs = this.#inputs(builder, ports(graph.inputs), isBody);
		for (const node of graph.nodes) {
			const reason = lowerNode(builder, node, (dtype) =>
				this.#typeObstacle(dtype),
			);
			if (reason !== undefined) this.obstacles.push({ node, reason });
		}
		const outputs = this.#outputs(builder, ports(graph.outputs), isBody);
		return { nodes: builder.nodes, inputs, outputs, kept: builder.kept };
	}

	#inputs(
		builder: WebBuilder,
		ports: readonly Port[],
		isBody: boolean,
	): ReadonlyMap<string, string> {
		const inputs = new Map<string, string>();
		for (const port of ports) {
			const name = builder.reserve(port.name);
			inputs.set(port.name, name);
			builder.bind(port.value, name);
			this.#noteType(port, isBody);
			if (isBody) continue;
			builder.nodes.push({
				name,
				op: "Placeholder",
				attr: {
					dtype: type(port.dtype),
					shape: { shape: webShape(port.shape) },
				},
			});
		}
		return inputs;
	}

	/** A node of its own for each: two outputs may be one value, or an input. */
	#outputs(
		builder: WebBuilder,
		ports: readonly Port[],
		isBody: boolean,
	): ReadonlyMap<string, string> {
		const outputs = new Map<string, string>();
		for (const port of ports) {
			const name = builder.reserve(isBody ? `${port.name}/output` : port.name);
			outputs.set(port.name, name);
			builder.nodes.push({
				name,
				op: "Identity",
				input: [builder.valueOf(port.value)],
				attr: { T: type(port.dtype) },
			});
			this.#noteType(port, isBody);
		}
		return outputs;
	}

	#body(name: string, { extras = 0 }: BodyRole, keeping: Keeping): BodyPorts {
		const body = this.#bodies.get(name);
		if (body === undefined)
			throw fail("BUG", `the program has no body "${name}"`);
		const known =
			this.#functions.get(name) ?? this.#addBody(name, body, extras, keeping);
		return { wanted: body.inputs.map(isWanted), kept: known.kept };
	}

	#addBody(
		name: string,
		body: Graph,
		extras: number,
		keeping: Keeping,
	): LoweredBody {
		const prefix = `${name}/`;
		const { nodes, inputs, outputs, kept } = this.graph(body, prefix, keeping);
		const carried = Array.from({ length: kept.length + extras }, () => ({
			name: this.names.reserve(`${prefix}carried`),
			type: typeName("float32"),
		}));
		const lowered: LoweredBody = {
			kept: kept.length,
			function: {
				signature: {
					name,
					inputArg: [...argsOf(body.inputs, inputs), ...carried],
					outputArg: [
						...argsOf(body.outputs, outputs),
						...kept.map((node) => ({ name: node, type: typeName("float32") })),
					],
				},
				nodeDef: nodes,
				ret: Object.fromEntries(
					[...outputs.values(), ...kept].map((node) => [node, `${node}:0`]),
				),
			},
		};
		this.#functions.set(name, lowered);
		return lowered;
	}

	/** A port of a type that cannot be held is an obstacle, as if it were a node; lists go in and out of bodies. */
	#noteType({ name, value, dtype }: Port, isBody: boolean): void {
		const reason = this.#typeObstacle(dtype);
		if (reason === undefined || (isBody && dtype === "variant")) return;
		this.obstacles.push({
			node: {
				name,
				op: "Placeholder",
				inputs: [],
				outputs: [value],
				attrs: { dtype },
			},
			reason,
		});
	}
}

/** Why the node has no form; `undefined` once it is lowered. */
function lowerNode(
	builder: WebBuilder,
	node: Node,
	typeObstacle: TypeObstacle,
): string | undefined {
	if (node.op === "Const") return undefined;
	const dtypes = builder.dtypesOf(node);
	const row = rowFor(node.op, dtypes);
	if (row === undefined || typeof row === "object") return webLack(node.op);
	const refused = typesObstacle(node, dtypes, typeObstacle);
	if (refused !== undefined) return refused;
	try {
		const result = row(builder.contextOf(node));
		for (const [i, value] of [result].flat().entries())
			if (i < node.outputs.length) builder.bind(node.outputs[i], value);
	} catch (error) {
		if (!(error instanceof MlshipError) || error.code === "BUG") throw error;
		return error.message;
	}
	if (hasSmallValues(node, (input) => builder.isSize(input)))
		for (const output of node.outputs) builder.markSize(output);
	return undefined;
}

/** Text and complex numbers have rows of their own where TensorFlow.js's operation takes none. */
function rowFor(op: string, dtypes: readonly DType[]): WebRow | undefined {
	const own =
		(dtypes.includes("string") ? textRows[op] : undefined) ??
		(dtypes.some(isComplex) ? complexRows[op] : undefined);
	return own ?? WEB_LOWERINGS[op];
}

function takesText(op: string): boolean {
	return (
		TAKES_TEXT.has(op) ||
		op in textRows ||
		CARRIES_LISTS.has(op) ||
		op in tableRows ||
		op in stringRows
	);
}

/** Ops that lists of tensors go through. */
const CARRIES_LISTS: ReadonlySet<string> = new Set([
	...Object.keys(listRows),
	...Object.keys(controlRows),
	"Identity",
	"IdentityN",
]);

type TypeObstacle = (dtype: DType) => string | undefined;

function typesObstacle(
	{ op }: Node,
	dtypes: readonly DType[],
	typeObstacle: TypeObstacle,
): string | undefined {
	for (const dtype of dtypes) {
		// bodies read variables that are bound in them
		if (dtype === "resource" && (op in controlRows || op in tableRows))
			continue;
		if (dtype === "variant" && CARRIES_LISTS.has(op)) continue;
		const reason = typeObstacle(dtype);
		if (reason !== undefined) return reason;
	}
	if (dtypes.includes("string") && !takesText(op))
		return "TensorFlow.js does not take text here";
	return dtypes.some(isComplex) &&
		!TAKES_COMPLEX.has(op) &&
		!(op in complexRows)
		? "TensorFlow.js does not compute it for complex numbers"
		: undefined;
}

function isComplex(dtype: DType): boolean {
	return DTYPES[dtype].kind === "complex";
}

/** A body reads variables that are bound in it: it wants no handles of them. */
function isWanted({ dtype }: Port): boolean {
	return dtype !== "resource";
}

function argsOf(
	ports: readonly Port[],
	names: ReadonlyMap<string, string>,
): readonly WebArg[] {
	return ports.flatMap((port) => {
		const name = names.get(port.name);
		return name === undefined ? [] : [{ name, type: typeName(port.dtype) }];
	});
}

function usedValues({ nodes, outputs }: Graph): ReadonlySet<ValueName> {
	return new Set([
		...nodes.flatMap(({ inputs }) => inputs),
		...outputs.map(({ value }) => value),
	]);
}

function infoOf(
	nodes: ReadonlyMap<string, string>,
	{ name, dtype, shape }: Port,
): WebTensorInfo {
	return {
		name: `${nodes.get(name)}:0`,
		dtype: typeName(dtype),
		tensorShape: webShape(shape),
	};
}
