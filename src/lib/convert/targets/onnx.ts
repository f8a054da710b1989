import { loadOnnxFile } from "../../engines/index.js";
import { inferProgramTypes, inferTypes } from "../../graph/infer.js";
import type { Node, Port, Program } from "../../graph/ir.js";
import { readOnnx } from "../../onnx/read.js";
import { arraysAsLists, hasArrays } from "../../passes/arrays.js";
import { prepareProgram } from "../../passes/bodies.js";
import { isComplex } from "../../passes/complex/pair.js";
import { hasComplex, withoutComplex } from "../../passes/complex.js";
import { passesWithout } from "../../passes/index.js";
import { hasLists, withoutLists } from "../../passes/lists.js";
import { rowsAreOwn } from "../../passes/own-rows.js";
import { withoutTables } from "../../passes/tables.js";
import {
	bodiesOf,
	domainsOf,
	fitsOneFile,
	oneFile,
	twoFiles,
} from "../../targets/onnx/file.js";
import type { OnnxGraph, OnnxPort } from "../../targets/onnx/graph.js";
import { lowerToOnnx } from "../../targets/onnx/lower.js";
import { FILE_LOWERINGS } from "../../targets/onnx/ops/file.js";
import { inOpset, type TooOld } from "../../targets/onnx/opset.js";
import { withZerosOfPools } from "../../targets/onnx/pool-padding.js";
import { OPSET } from "../../targets/onnx/versions.js";
import { convertTensor } from "../../tensor/convert.js";
import type { Tensors } from "../../tensor/tensor.js";
import { asPairs, ofPairs, pairedNote } from "../pairs.js";
import type { Lowered, Obstructing, Opened, Target } from "../target.js";

export interface OnnxSettings {
	/** Weights in a file of their own, whatever their size; else only where one file cannot hold them. */
	readonly externalData?: boolean;
	/** The version of ONNX's operators; 21 without it. */
	readonly opset?: number;
}

/** An ONNX file, with the weights in it or beside it. */
export const onnxTarget: Target = {
	name: "onnx",
	engine: "onnx",
	main: "model.onnx",
	extension: ".onnx",
	leftovers: /^model\.onnx\.data$/,
	takes: ["externalData", "opset"],
	lower: ([program], settings) => lowerOne(program, settings),
	open: openOnnx,
};

function lowerOne(program: Program, settings: OnnxSettings): Lowered {
	const { prepared, isKnown } = preparedProgram(program);
	const obstacles = initializing(prepared);
	const lowered = lowerToOnnx(
		prepared,
		inferProgramTypes(prepared),
		program.signature,
		prepared.functions,
		(node, { message }) => {
			if (!isKnown(node)) obstacles.push({ node, reason: message });
		},
		FILE_LOWERINGS,
	);
	const { opset = OPSET } = settings;
	const { graph, lacking } = inOpset(
		withSymbols(withZerosOfPools(lowered), program, rowsAreOwn(program)),
		opset,
	);
	obstacles.push(...lacking.map((found) => tooOld(found, opset)));
	return {
		obstacles,
		ops: countOps(graph),
		notes: [
			...renamed(program, graph),
			...paired(program, graph),
			...withoutRank(graph),
			...chance(countOps(graph)),
		],
		write: (folder, main) => {
			const versions = { opset, domains: domainsOf(graph) };
			const data = `${main}.data`;
			const { model, weights } =
				settings.externalData || !fitsOneFile(graph)
					? twoFiles(graph, versions, data)
					: oneFile(graph, versions);
			if (weights !== undefined) folder.write(data, weights);
			folder.write(main, model);
		},
	};
}

/**
 * A program for the tables of files. Where some node has no form in real numbers it keeps its complex ones, and `isKnown` tells
 * which of those that are then in the way would have had one.
 */
function preparedProgram(program: Program): {
	readonly prepared: Program;
	readonly isKnown: (node: Node) => boolean;
} {
	const passes = passesWithout(lacksForm);
	const filled = withoutTables(program);
	const own = prepareProgram(
		hasArrays(filled) ? arraysAsLists(filled) : filled,
		passes,
	);
	const prepared = hasLists(own)
		? prepareProgram(withoutLists(own), passes)
		: own;
	if (!hasComplex(prepared)) return { prepared, isKnown: () => false };
	const split = withoutComplex(prepared);
	if (split.lacking.length === 0)
		return {
			prepared: prepareProgram(split.program, passes),
			isKnown: () => false,
		};
	const types = inferProgramTypes(prepared);
	const isComplexNode = ({ inputs, outputs }: Node) =>
		[...inputs, ...outputs].some((value) =>
			isComplex(types.typeOf(value).dtype),
		);
	return {
		prepared,
		isKnown: (node) => isComplexNode(node) && !split.lacking.includes(node),
	};
}

function lacksForm(op: string): boolean {
	const row = FILE_LOWERINGS[op];
	return row === undefined || typeof row === "object";
}

function tooOld({ node, needed }: TooOld, opset: number): Obstructing {
	const { name, op } = node;
	return {
		node: { name, op, inputs: [], outputs: [], attrs: {} },
		reason: `ONNX has it in this form from opset ${needed} on, and opset ${opset} is wanted`,
	};
}

/** What fills tables when a model is loaded: ONNX has nothing that runs once. */
function initializing({ initializer }: Program): Obstructing[] {
	const types = inferTypes(initializer);
	return initializer.nodes
		.filter(({ outputs }) => types.constantOf(outputs[0]) === undefined)
		.map((node) => ({ node, reason: "ONNX has no tables to fill" }));
}

/**
 * Unknown sizes get names: `batch` for the first one where rows of the outputs are made of rows of the inputs, the port's
 * otherwise.
 */
function withSymbols(
	graph: OnnxGraph,
	{ inputs, outputs }: Program,
	hasBatch: boolean,
): OnnxGraph {
	const isBatched =
		hasBatch &&
		[...inputs, ...outputs].every(({ shape }) => (shape?.[0] ?? 0) < 0);
	const named = (ports: readonly OnnxPort[], declared: readonly Port[]) =>
		ports.map((port, i): OnnxPort => {
			const shape = port.shape ?? declared[i].shape;
			const symbols = shape?.map((size, axis) =>
				size >= 0
					? undefined
					: isBatched && axis === 0
						? "batch"
						: `${port.name}_${axis}`,
			);
			return { ...port, shape, ...(symbols === undefined ? {} : { symbols }) };
		});
	return {
		...graph,
		inputs: named(graph.inputs, inputs),
		outputs: named(graph.outputs, outputs),
	};
}

function countOps(graph: OnnxGraph): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	const count = ({ nodes }: OnnxGraph): void => {
		for (const { op, attrs } of nodes) {
			counts.set(op, (counts.get(op) ?? 0) + 1);
			bodiesOf(attrs).forEach(count);
		}
	};
	count(graph);
	return counts;
}

/** In ONNX an output cannot be called as an input is. */
function renamed(program: Program, graph: OnnxGraph): readonly string[] {
	return (["inputs", "outputs"] as const).flatMap((side) =>
		program[side].flatMap(({ name }, i) => {
			const given = graph[side][i].name;
			return given === name
				? []
				: [
						`${side.slice(0, -1)} "${name}" is called "${given}": ONNX has one value of a name`,
					];
		}),
	);
}

function paired(program: Program, graph: OnnxGraph): readonly string[] {
	return (["inputs", "outputs"] as const).flatMap((side) =>
		program[side].flatMap(({ dtype }, i) =>
			isComplex(dtype) ? [pairedNote(side, graph[side][i].name)] : [],
		),
	);
}

function chance(ops: ReadonlyMap<string, number>): readonly string[] {
	return [...ops.keys()].some((op) => op.startsWith("Random"))
		? ["random numbers come from ONNX's generator: others than TensorFlow's"]
		: [];
}

/** onnx.checker wants a shape of every port; runtimes do without. */
function withoutRank({ inputs, outputs }: OnnxGraph): readonly string[] {
	const names = [...inputs, ...outputs].flatMap(({ name, shape }) =>
		shape === undefined ? [`"${name}"`] : [],
	);
	return names.length === 0
		? []
		: [
				`the rank of ${names.join(", ")} is not known: runtimes take such a model, onnx.checker does not`,
			];
}

/** The ports of the file stand in the order of the program's. */
async function openOnnx(path: string, program: Program): Promise<Opened> {
	const model = readOnnx(path);
	const session = await loadOnnxFile(model, "onnx", { workers: 0 });
	return {
		run: async (given) => {
			const feeds: Record<string, Tensors[string]> = {};
			for (const [i, { name }] of program.inputs.entries())
				feeds[model.inputs[i].name] = convertTensor(
					asPairs(given[name]),
					model.inputs[i].dtype,
				);
			const made = await session.run(feeds);
			return Object.fromEntries(
				program.outputs.map(({ name, dtype }, i) => [
					name,
					ofPairs(made[model.outputs[i].name], dtype),
				]),
			);
		},
		close: () => session.close(),
	};
}
