import { create } from "@bufbuild/protobuf";
import {
	SignatureDefSchema,
	type TensorInfo,
	TensorInfoSchema,
} from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import type { GraphSource } from "../savedmodel/write/model.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import type { PixelScale } from "../tensor/image.js";
import { showShape } from "../tensor/tensor.js";
import { Assembly } from "./assembly.js";
import type { Flow } from "./entry.js";
import type { KerasFile } from "./files/file.js";
import type { GraphBuilder, Value } from "./graph/builder.js";
import {
	functionMessage,
	nodeMessage,
	shapeMessage,
} from "./graph/messages.js";
import { type InputSpec, inputSpecs } from "./inputs.js";
import type { Argument, Model } from "./model.js";
import {
	flattened,
	isFlow,
	isList,
	refsOf,
	type Structure,
} from "./network.js";
import { decodedPictures, PICTURE_INPUT, usualScale } from "./pictures.js";
import { bindWeights } from "./weights.js";

export interface ExportOptions {
	/** Rows at once; any number if it is not said. */
	readonly batch?: number | undefined;
	/** What the signature's numbers are, where the layers compute in another type. */
	readonly signatureType?: DType | undefined;
	/** Other names of the outputs, in order. */
	readonly outputNames?: readonly string[] | undefined;
	/** Whether the input takes files of pictures, and what pixels become; as it is usual for the network if that is not said. */
	readonly pictures?: { readonly scale: PixelScale | undefined } | undefined;
	/** Names of classes: an output `classes` says which one scores best. */
	readonly labels?: readonly string[] | undefined;
}

export interface PortSummary {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[] | undefined;
}

export interface Exported {
	readonly graph: GraphSource;
	readonly inputs: readonly PortSummary[];
	readonly outputs: readonly PortSummary[];
	readonly layers: number;
	readonly parameters: number;
}

const SERVING_DEFAULT = "serving_default";
const PREDICT = "tensorflow/serving/predict";

/**
 * A network as a graph of TensorFlow in inference, with the signature `serving_default`. Fails with UNSUPPORTED for layers
 * that are code or unknown, with INVALID where the weights do not fit.
 */
export function exportNetwork(
	{ model, weights: source, generation }: KerasFile,
	options: ExportOptions = {},
): Exported {
	const weights = bindWeights(model, source);
	const assembly = new Assembly(weights);
	const { graph } = assembly;
	const { inputs, flows } = takeInputs(graph, model, options);
	const structure = assembly.run(model, flows);
	const names =
		generation === 2 ? layerNames(model) : structureNames(structure);
	const outputs = flattened(structure).map((flow) =>
		signed(graph, flow, options.signatureType),
	);
	const outputNames = named(names, outputs.length, options.outputNames);
	const ports = [
		inputs,
		[
			...outputs.map((value, i) => ({ name: outputNames[i], value })),
			...(options.labels === undefined
				? []
				: [bestClass(graph, outputs, options.labels)]),
		],
	] as const;
	return {
		graph: graphSource(graph, ports),
		inputs: ports[0].map(summaryOf),
		outputs: ports[1].map(summaryOf),
		layers: model.layers.length,
		parameters: parameterCount(weights.values()),
	};
}

/** The signature's inputs, and what the network is given. */
function takeInputs(
	graph: GraphBuilder,
	model: Model,
	options: ExportOptions,
): { readonly inputs: readonly NamedValue[]; readonly flows: readonly Flow[] } {
	const specs = inputSpecs(model).map((spec) => withOptions(spec, options));
	const { pictures } = options;
	if (pictures === undefined) {
		const inputs = specs.map((spec) => ({
			name: spec.name,
			value: placeholder(graph, spec),
		}));
		const flows = inputs.map(({ value }, i) =>
			graph.cast(value, specs[i].computed),
		);
		return { inputs, flows };
	}
	const [spec, ...others] = specs;
	if (others.length > 0)
		throw fail(
			"INVALID",
			`cannot put pictures in front of model "${model.name}": it takes ${specs.map(({ name }) => `"${name}"`).join(", ")}, one input is wanted`,
		);
	const files = placeholder(graph, {
		...spec,
		name: PICTURE_INPUT,
		dtype: "string",
		shape: [spec.shape[0] ?? -1],
	});
	const scale = pictures.scale ?? usualScale(model);
	return {
		inputs: [{ name: PICTURE_INPUT, value: files }],
		flows: [decodedPictures(graph, files, spec, scale)],
	};
}

const CLASSES = "classes";

/** The label of the highest score, for each row of the first output. Fails with INVALID where there are more or fewer. */
function bestClass(
	graph: GraphBuilder,
	[scores]: readonly Value[],
	labels: readonly string[],
): NamedValue {
	const count = scores?.shape?.at(-1);
	if (scores?.shape?.length !== 2 || count !== labels.length)
		throw fail(
			"INVALID",
			`cannot name the classes: ${labels.length} labels were given, the output has shape ${showShape(scores?.shape)}`,
		);
	const names = graph.constant({
		dtype: "string",
		shape: [labels.length],
		data: labels.map((label) => Buffer.from(label)),
	});
	const best = graph.op("ArgMax", [scores, graph.scalar("int32", -1)]);
	const value = graph.op("GatherV2", [names, best, graph.scalar("int32", 0)]);
	return { name: CLASSES, value };
}

interface NamedValue {
	readonly name: string;
	readonly value: Value;
}

function graphSource(
	graph: GraphBuilder,
	[inputs, outputs]: readonly [readonly NamedValue[], readonly NamedValue[]],
): GraphSource {
	const infos = (ports: readonly NamedValue[]) =>
		Object.fromEntries(ports.map(({ name, value }) => [name, infoOf(value)]));
	return {
		nodes: graph.nodes.map(nodeMessage),
		initializers: graph.initializers,
		constants: graph.tensors,
		weights: graph.weights,
		functions: graph.functions.map(functionMessage),
		signatures: {
			[SERVING_DEFAULT]: create(SignatureDefSchema, {
				inputs: infos(inputs),
				outputs: infos(outputs),
				methodName: PREDICT,
			}),
		},
	};
}

function infoOf({ name, dtype, shape }: Value): TensorInfo {
	return create(TensorInfoSchema, {
		encoding: { case: "name", value: name },
		dtype: DTYPES[dtype].tf,
		tensorShape: shapeMessage(shape),
	});
}

function placeholder(graph: GraphBuilder, { name, dtype, shape }: InputSpec) {
	const [value] = graph.many(
		"Placeholder",
		[],
		{ dtype, shape: { dims: shape } },
		`${SERVING_DEFAULT}_${name}`,
	);
	return graph.shaped(value, shape);
}

function withOptions(spec: InputSpec, options: ExportOptions): InputSpec {
	const { batch, signatureType } = options;
	const [rows, ...rest] = spec.shape;
	if (batch !== undefined && rows >= 0 && rows !== batch)
		throw fail(
			"INVALID",
			`cannot export input "${spec.name}" for ${batch} rows: the model takes ${rows}`,
		);
	return {
		...spec,
		shape: spec.shape.length === 0 ? [] : [batch ?? rows, ...rest],
		dtype:
			signatureType !== undefined && isFloating(spec.dtype)
				? signatureType
				: spec.dtype,
	};
}

/** Outputs are nodes of their own, so that nobody's name is in the signature, and in a type that was asked for. */
function signed(
	graph: GraphBuilder,
	flow: Flow,
	type: DType | undefined,
): Value {
	const wanted =
		type !== undefined && isFloating(type) && isFloating(flow.dtype)
			? type
			: flow.dtype;
	return graph.op("Identity", [graph.cast(flow, wanted)]);
}

function isFloating(dtype: DType): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "float" || kind === "half";
}

/** Keras 3: `output_0`, `output_1` …, or the keys of a dictionary (keras export/saved_model.py). */
function structureNames(structure: Structure): string[] {
	if (isFlow(structure) || isList(structure))
		return flattened(structure).map((_, i) => `output_${i}`);
	return Object.keys(structure.entries).sort();
}

/** Keras 2: the names of the layers that make them (keras 2 engine/training.py, output_names). */
function layerNames(model: Model): string[] {
	if (model.kind === "sequential") return [model.layers.at(-1)?.name ?? ""];
	const used = new Map<string, number>();
	return refsOf(model.outputs as Argument).map(({ layer }) => {
		const count = used.get(layer) ?? 0;
		used.set(layer, count + 1);
		return count === 0 ? layer : `${layer}_${count}`;
	});
}

function named(
	names: readonly string[],
	count: number,
	given: readonly string[] | undefined,
): readonly string[] {
	if (given === undefined)
		return names.length === count
			? names
			: Array.from({ length: count }, (_, i) => `output_${i}`);
	if (given.length !== count || new Set(given).size !== count)
		throw fail(
			"INVALID",
			`cannot name the outputs ${given.join(", ")}: the model has ${count}, each needs a name of its own`,
		);
	return given;
}

function summaryOf({ name, value }: NamedValue): PortSummary {
	return { name, dtype: value.dtype, shape: value.shape };
}

function parameterCount(
	layers: Iterable<ReadonlyMap<string, Constant>>,
): number {
	let count = 0;
	for (const layer of layers)
		for (const { shape, dtype } of layer.values())
			if (dtype !== "string")
				count += shape.reduce((product, length) => product * length, 1);
	return count;
}
