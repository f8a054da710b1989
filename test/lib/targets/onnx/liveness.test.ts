import { expect, test } from "vitest";
import type {
	OnnxGraph,
	OnnxNode,
} from "../../../../src/lib/targets/onnx/graph.js";
import { livingGraph } from "../../../../src/lib/targets/onnx/liveness.js";
import { heldConstant } from "../../../../src/lib/tensor/constant.js";

const node = (
	name: string,
	inputs: string[],
	attrs: OnnxNode["attrs"] = {},
): OnnxNode => ({ op: "Op", domain: "", name, inputs, outputs: [name], attrs });
const port = (name: string) => ({
	name,
	dtype: "float32" as const,
	shape: undefined,
});
const one = (name: string) => ({
	name,
	constant: heldConstant({
		dtype: "float32",
		shape: [],
		data: Float32Array.of(1),
	}),
});
const graph = (nodes: OnnxNode[], outputs: string[]): OnnxGraph => ({
	name: "g",
	inputs: [port("x")],
	outputs: outputs.map(port),
	nodes,
	initializers: ["used", "spare", "inner"].map(one),
});

test("livingGraph() keeps what an output needs, in order, and drops the rest", () => {
	const living = livingGraph(
		graph(
			[
				node("a", ["x", "used"]),
				node("dead", ["a", "spare"]),
				node("b", ["a", ""]),
				node("deader", ["dead"]),
			],
			["b"],
		),
	);
	expect(living.nodes.map(({ name }) => name)).toEqual(["a", "b"]);
	expect(living.initializers.map(({ name }) => name)).toEqual(["used"]);
	expect(living.inputs).toHaveLength(1);
});

test("livingGraph() keeps what the body of a loop reads", () => {
	const body = graph([node("turn", ["inner", "a"])], ["turn"]);
	const living = livingGraph(
		graph(
			[node("a", ["x"]), node("loop", ["x"], { body: { graph: body } })],
			["loop"],
		),
	);
	expect(living.nodes.map(({ name }) => name)).toEqual(["a", "loop"]);
	expect(living.initializers.map(({ name }) => name)).toEqual(["inner"]);
});
