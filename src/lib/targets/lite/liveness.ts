import type { LiteGraph, LiteModel, LiteOperator } from "./graph.js";

/** Without operators whose results nobody uses, and without tensors that nobody names. */
export function livingModel(model: LiteModel): LiteModel {
	const graphs = model.graphs.map(livingGraph);
	return {
		graphs,
		signatures: model.signatures.map((signature) => {
			const { inputs, outputs } = graphs[signature.graph];
			return {
				...signature,
				inputs: signature.inputs.map(({ name }, i) => ({
					name,
					tensor: inputs[i],
				})),
				outputs: signature.outputs.map(({ name }, i) => ({
					name,
					tensor: outputs[i],
				})),
			};
		}),
	};
}

function livingGraph(graph: LiteGraph): LiteGraph {
	const used = new Set(graph.outputs);
	const operators: LiteOperator[] = [];
	for (const operator of graph.operators.toReversed()) {
		if (!operator.outputs.some((tensor) => used.has(tensor))) continue;
		operators.push(operator);
		for (const tensor of [...operator.inputs, ...operator.outputs])
			used.add(tensor);
	}
	for (const tensor of graph.inputs) used.add(tensor);
	return packed({ ...graph, operators: operators.reverse() }, used);
}

/** Tensors that are used, in their order, under new numbers. */
function packed(graph: LiteGraph, used: ReadonlySet<number>): LiteGraph {
	const kept = [...graph.tensors.keys()].filter((tensor) => used.has(tensor));
	const places = new Map(kept.map((tensor, place) => [tensor, place]));
	const renumbered = (list: readonly number[]) =>
		list.map((tensor) => places.get(tensor) ?? -1);
	return {
		...graph,
		tensors: kept.map((tensor) => graph.tensors[tensor]),
		inputs: renumbered(graph.inputs),
		outputs: renumbered(graph.outputs),
		operators: graph.operators.map((operator) => ({
			...operator,
			inputs: renumbered(operator.inputs),
			outputs: renumbered(operator.outputs),
		})),
	};
}
