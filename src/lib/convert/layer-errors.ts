import { loadProgram } from "../engines/index.js";
import { openLite } from "../engines/tflite/model.js";
import { inferTypes } from "../graph/infer.js";
import type { Port, Program, ValueName } from "../graph/ir.js";
import type { LiteFilePort } from "../lite/ports.js";
import type { LiteModel } from "../targets/lite/graph.js";
import { livingModel } from "../targets/lite/liveness.js";
import { writeLite } from "../targets/lite/write.js";
import type { Tensor, Tensors } from "../tensor/tensor.js";
import { layerOf } from "./layer.js";
import { copied } from "./verify/reference.js";

/** A model of integers, and which of its tensors each value of the program is. */
export interface IntegerForm {
	readonly model: LiteModel;
	readonly integers: ReadonlyMap<ValueName, number>;
}

/**
 * How far the last number of each layer is off in integers, in parts of the layer's largest: both run on these inputs, the
 * integers in TensorFlow Lite's runtime with the layers' ends as outputs. `fed` makes of a number what a port takes.
 */
export async function layerErrors(
	program: Program,
	{ model, integers }: IntegerForm,
	inputs: Tensors,
	fed: (tensor: Tensor, port: LiteFilePort) => Tensor,
): Promise<ReadonlyMap<string, number>> {
	const ends = layerEnds(program, integers);
	const [graph, ...others] = model.graphs;
	const [signature] = model.signatures;
	const tensors = [...graph.tensors];
	const operators = [...graph.operators];
	const outputs = ends.map(({ value, shape }) => {
		const tensor = integers.get(value) as number;
		const name = `end/${value}`;
		const floats = tensors.push({ name, dtype: "float32", shape }) - 1;
		operators.push({
			op: "DEQUANTIZE",
			inputs: [tensor],
			outputs: [floats],
			options: { table: "DequantizeOptions", fields: {} },
			node: name,
		});
		return floats;
	});
	const bytes = writeLite(
		livingModel({
			graphs: [{ ...graph, tensors, operators, outputs }, ...others],
			signatures: [
				{
					...signature,
					outputs: ends.map(({ name }, i) => ({ name, tensor: outputs[i] })),
				},
			],
		}),
	);
	const rough = await openLite(bytes);
	const exact = await loadProgram(
		{ ...program, outputs: ends.map(({ layer: _, ...port }) => port) },
		"auto",
		{ workers: 0 },
	);
	try {
		const wanted = await exact.run(copied(inputs));
		const feeds = rough.signature.inputs.map((port): [string, Tensor] => [
			port.name,
			fed(inputs[port.name], port),
		]);
		const made = await rough.run(Object.fromEntries(feeds));
		return new Map(
			ends.map(({ layer, name }) => [
				layer,
				distance(made[name], wanted[name]),
			]),
		);
	} finally {
		rough.close();
		await exact.close();
	}
}

/** The last value of each layer that is computed with integers. */
function layerEnds(
	program: Program,
	integers: ReadonlyMap<ValueName, number>,
): readonly (Port & { readonly layer: string })[] {
	const types = inferTypes(program);
	const layer = layerOf(program.nodes.map(({ name }) => name));
	const ends = new Map<string, ValueName>();
	for (const { name, outputs } of program.nodes)
		for (const value of outputs)
			if (integers.has(value)) ends.set(layer(name), value);
	return [...ends].map(([name, value], i) => ({
		layer: name,
		name: `end_${i}`,
		value,
		dtype: "float32",
		shape: types.typeOf(value).shape,
	}));
}

/** In parts of the largest number; 0 where all are 0. */
function distance(made: Tensor, wanted: Tensor): number {
	const [a, b] = [made, wanted].map(({ data }) => data as Float32Array);
	let [most, largest] = [0, 0];
	for (let i = 0; i < b.length; i++) {
		most = Math.max(most, Math.abs(a[i] - b[i]));
		largest = Math.max(largest, Math.abs(b[i]));
	}
	return largest === 0 ? 0 : most / largest;
}
