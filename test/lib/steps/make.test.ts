import { expect, test } from "vitest";
import { inferTypes } from "../../../src/lib/graph/infer.js";
import type { Node } from "../../../src/lib/graph/ir.js";
import { makePlan } from "../../../src/lib/steps/make.js";
import { splitGraph } from "../../../src/lib/steps/split.js";
import { graph } from "../graph/graphs.js";
import { constant, node } from "../graph/programs.js";

/** x → region → text (with a constant) → number → region; `kept` is a constant that is an output */
const GRAPH = graph(
	[["input:x", "float32", [-1, 2000]]],
	[
		constant("own", [1], [1]),
		constant("shown", [1], [2]),
		constant("kept", [1], [3]),
		node("a", "AddV2", ["input:x", "own:0"], { T: "float32" }),
		node("text", "Show", ["a:0", "shown:0"]),
		node("number", "Read", ["text:0"]),
		node("b", "Sub", ["number:0", "a:0"], { T: "float32" }),
	],
	[
		["b:0", "float32"],
		["kept:0", "float32"],
		["text:0", "string"],
	],
);
const HOST = new Set(["text", "number"]);

function plan(smallForm?: () => readonly Node[]) {
	// ops that no table knows: nothing here may look at what they are
	const known = inferTypes({
		...GRAPH,
		nodes: GRAPH.nodes.filter(({ op }) => op === "Const"),
	});
	const types = {
		...known,
		typeOf: () => ({ dtype: "float32", shape: [-1] }) as const,
		constant: (value: string) => known.constant(value),
		constantOf: (value: string) => known.constantOf(value),
	};
	const pieces = splitGraph(GRAPH, types, ({ name }) =>
		HOST.has(name) ? "host" : "region",
	);
	const compile = ({ nodes }: { readonly nodes: readonly Node[] }) =>
		nodes.map(({ name }) => name).join();
	return makePlan(GRAPH, pieces, types, compile, smallForm);
}

test("a plan runs regions as they were compiled and the host's nodes between them", () => {
	const steps = plan().steps.map((step) =>
		step.kind === "host" ? step.node.name : step.region,
	);
	expect(steps).toEqual(["a", "text", "number", "b"]);
});

test("each value is let go behind its last use, and an output never", () => {
	expect(plan().steps.map(({ releases }) => releases)).toEqual([
		["input:x"],
		// of a constant too: only its last use counts
		["shown:0"],
		[],
		["number:0", "a:0"],
	]);
});

test("a plan has the constants of host steps and outputs; regions have their own", () => {
	const values = plan().constants.map(({ value }) => value);
	expect(values.toSorted()).toEqual(["kept:0", "shown:0"]);
});

test("a plan can be sent to another thread, constants in attributes left out", () => {
	const value = constant("c", [1], [1]).attrs.value;
	const small = [node("s", "Neg", ["own:0"], { T: "float32", value })];
	const made = plan(() => small);
	expect(() => structuredClone(made)).not.toThrow();
	const [first] = made.steps;
	expect(first.kind === "region" && first.small?.[0].attrs).toEqual({
		T: "float32",
	});
	// what the small form reads has to be there for the host
	expect(made.constants.map(({ value }) => value)).toContain("own:0");
});
