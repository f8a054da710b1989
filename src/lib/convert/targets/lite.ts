import { readFileSync } from "node:fs";
import { type LiteSession, openLite } from "../../engines/tflite/model.js";
import { hasTflite, INSTALL_TFLITE } from "../../engines/tflite/wasm.js";
import { fail, MlshipError } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { LiteFilePort } from "../../lite/ports.js";
import { isComplex } from "../../passes/complex/pair.js";
import type { LiteGraph, LiteModel } from "../../targets/lite/graph.js";
import { livingModel } from "../../targets/lite/liveness.js";
import {
	type LiteForm,
	liteModel,
	withBatch,
} from "../../targets/lite/model.js";
import {
	type FloatRow,
	quantizedGraph,
} from "../../targets/lite/quantize/integers.js";
import {
	quantizeWeights,
	type WeightType,
	weightsOf,
} from "../../targets/lite/quantize/weights.js";
import { writeLite } from "../../targets/lite/write.js";
import { convertTensor } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor, Tensors } from "../../tensor/tensor.js";
import { someRows, valueRanges } from "../calibration.js";
import { readExamples } from "../examples.js";
import { layerErrors } from "../layer-errors.js";
import { type LayerRow, layerRows } from "../layer-report.js";
import { asPairs, ofPairs, pairedNote } from "../pairs.js";
import { type QuantizeRule, quantizedWeights } from "../quantize.js";
import type { Lowered, Opened, Target } from "../target.js";
import { fedInteger, realNumbers } from "./lite-ports.js";

export interface LiteSettings {
	/** The size of the batch, where a signature leaves it open. */
	readonly fixBatch?: number;
	/** `float16` or `int8` for weights; `int8` or `int16` for numbers that are computed, with `calibrate`. */
	readonly quantize?: readonly QuantizeRule[];
	/** Inputs that show how large numbers become: a file or a folder of pictures. */
	readonly calibrate?: string;
	/** Inputs and outputs are integers where what is computed is. */
	readonly integerPorts?: boolean;
}

/** A file of TensorFlow Lite, for phones, browsers and small machines. */
export const liteTarget: Target = {
	name: "lite",
	main: "model.tflite",
	extension: ".tflite",
	takes: ["fixBatch", "quantize", "calibrate", "integerPorts"],
	holdsSignatures: true,
	lower,
	missing: () => (hasTflite() ? undefined : INSTALL_TFLITE),
	open,
};

function lower(programs: readonly Program[], settings: LiteSettings): Lowered {
	const { fixBatch, calibrate } = settings;
	const sized =
		fixBatch === undefined ? programs : fixedBatch(programs, fixBatch);
	const form = liteModel(sized);
	const quantizer =
		calibrate === undefined
			? weightQuantizer(form, settings)
			: integerQuantizer(form, programs, { ...settings, calibrate });
	return {
		obstacles: form.obstacles,
		programs: sized,
		ops: countOps(form.model),
		notes: pairedNotes(programs, form),
		...quantizer.lowered,
		write: async (folder, main) =>
			folder.write(main, [writeLite(await quantizer.quantize(form.model))]),
	};
}

/** Of ports whose complex numbers became pairs. */
function pairedNotes(
	programs: readonly Program[],
	{ prepared }: LiteForm,
): readonly string[] {
	return programs.flatMap((program, i) =>
		(["inputs", "outputs"] as const).flatMap((side) =>
			program[side].flatMap(({ name, dtype }, at) =>
				isComplex(dtype) && !isComplex(prepared[i][side][at].dtype)
					? [pairedNote(side, name)]
					: [],
			),
		),
	);
}

interface Quantizer {
	readonly lowered: Partial<Lowered>;
	quantize(model: LiteModel): LiteModel | Promise<LiteModel>;
}

/** How far outputs may be off, in parts of their largest number. */
const COARSE = { float16: 1e-2, int8: 1e-1, int16: 1e-2 } as const;

/** What is left of a weight's bytes. */
const PARTS: Readonly<Record<WeightType, number>> = {
	float16: 1 / 2,
	int8: 1 / 4,
};

function weightQuantizer(
	{ model, prepared }: LiteForm,
	{ quantize = [], integerPorts }: LiteSettings,
): Quantizer {
	if (integerPorts)
		throw fail(
			"INVALID",
			"cannot give integers out: nothing is computed with any",
			{
				hint: "give --quantize int8 and --calibrate",
			},
		);
	if (quantize.length === 0) return { lowered: {}, quantize: (same) => same };
	if (quantize.some(({ type }) => type === "int16"))
		throw fail("INVALID", "cannot compute with int16 without calibration", {
			hint: "give inputs with --calibrate",
		});
	const weights = weightsOf(model).map(({ name, constant }) => ({
		name,
		byteLength: constant?.byteLength ?? 0,
	}));
	// what becomes of them is known once they are written
	const layers: LayerRow[] = [];
	const { types, rows } = quantizedWeights(quantize, weights, PARTS);
	return {
		lowered: {
			quantized: rows,
			layers,
			tolerance: Math.max(...[...types.values()].map((type) => COARSE[type])),
		},
		quantize: (floats) => {
			const { model: made, rows: smaller } = quantizeWeights(floats, types);
			layers.push(...layerRows(nodeNames(prepared), smaller));
			return made;
		},
	};
}

function integerQuantizer(
	{ prepared }: LiteForm,
	programs: readonly Program[],
	{
		quantize: [rule, ...others] = [],
		calibrate,
		integerPorts = false,
	}: LiteSettings & { readonly calibrate: string },
): Quantizer {
	const type = rule?.type;
	if (
		others.length > 0 ||
		rule?.globs !== undefined ||
		(type !== "int8" && type !== "int16")
	)
		throw fail(
			"INVALID",
			"cannot calibrate: it is for --quantize int8 or int16, of all weights",
		);
	// what becomes of it is known once it is written
	const notes: string[] = [];
	const layers: LayerRow[] = [];
	const [program] = programs;
	if (programs.length > 1)
		throw fail("INVALID", "cannot calibrate several signatures at once");
	return {
		lowered: { tolerance: COARSE[type], notes, layers },
		quantize: async (model) => {
			const inputs = await readExamples(program, calibrate, "calibrate");
			const ranges = await valueRanges(prepared[0], inputs);
			const { graph, floats, weights, integers } = quantizedGraph(
				model.graphs[0],
				{ type, integerPorts, rangeOf: (value) => ranges.get(value) },
			);
			notes.push(...floatNotes(floats));
			const made = withGraph(model, graph);
			const errors = hasTflite()
				? await layerErrors(
						prepared[0],
						{ model: made, integers },
						someRows(program, inputs),
						fedInteger,
					)
				: undefined;
			const nodes = nodeNames(prepared);
			layers.push(...layerRows(nodes, weights, floats, errors));
			// the weights of floats are nobody's now
			return livingModel(made);
		},
	};
}

/** A model with another first graph, which has its inputs and outputs elsewhere. */
function withGraph(model: LiteModel, graph: LiteGraph): LiteModel {
	const [signature] = model.signatures;
	const ports = (list: typeof signature.inputs, places: readonly number[]) =>
		list.map(({ name }, i) => ({ name, tensor: places[i] }));
	return {
		graphs: [graph, ...model.graphs.slice(1)],
		signatures: [
			{
				...signature,
				inputs: ports(signature.inputs, graph.inputs),
				outputs: ports(signature.outputs, graph.outputs),
			},
		],
	};
}

function nodeNames([{ nodes }]: readonly Program[]): readonly string[] {
	return nodes.map(({ name }) => name);
}

/** Operators that compute with floats, by kind and reason. */
function floatNotes(rows: readonly FloatRow[]): readonly string[] {
	const kinds = new Map<string, FloatRow[]>();
	for (const row of rows) {
		const kind = `${row.op} ${row.reason}`;
		kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
	}
	return [...kinds.values()].map((found) => {
		const [{ op, reason, node }] = found;
		return `${found.length} ${op} computes with floats, as "${node}": ${reason}`;
	});
}

function fixedBatch(
	programs: readonly Program[],
	size: number,
): readonly Program[] {
	const ports = programs.flatMap(({ inputs }) => inputs);
	if (ports.every(({ shape }) => (shape?.[0] ?? 0) >= 0))
		throw fail("INVALID", "cannot fix the batch: every input has a size", {
			hint: "leave --fix-batch out",
		});
	return programs.map((program) => withBatch(program, size));
}

function countOps({ graphs }: LiteModel): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const { operators } of graphs)
		for (const { op } of operators) counts.set(op, (counts.get(op) ?? 0) + 1);
	return counts;
}

/** Element types that files hold in others are converted on the way in and out. */
async function open(path: string, program: Program): Promise<Opened> {
	const session = await opened(path, program.signature);
	const { inputs, outputs } = session.signature;
	return {
		run: async (given) => {
			const feeds = Object.fromEntries(
				inputs.map((port) => [
					port.name,
					fedInteger(asFile(given[port.name], port), port),
				]),
			);
			const made: Tensors = await session.run(feeds);
			return Object.fromEntries(
				program.outputs.map(({ name, dtype }) => {
					const port = outputs.find((output) => output.name === name);
					return [name, ofFile(realNumbers(made[name], port), dtype)];
				}),
			);
		},
		close: async () => session.close(),
	};
}

/** Complex numbers as pairs, where the file has such. */
function asFile(tensor: Tensor, { dtype }: LiteFilePort): Tensor {
	return isComplex(dtype) ? tensor : asPairs(tensor);
}

function ofFile(tensor: Tensor, dtype: DType): Tensor {
	return isComplex(tensor.dtype)
		? convertTensor(tensor, dtype)
		: ofPairs(tensor, dtype);
}

/** The WebAssembly runtime is of 2022, and has not all that others have. */
async function opened(path: string, key: string): Promise<LiteSession> {
	try {
		return await openLite(readFileSync(path), key);
	} catch (error) {
		if (!(error instanceof MlshipError) || error.code !== "UNSUPPORTED")
			throw error;
		throw fail("UNSUPPORTED", error.message, {
			cause: error,
			hint: "--no-verify keeps the file, for newer runtimes",
		});
	}
}
