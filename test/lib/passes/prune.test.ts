import { expect, test } from "vitest";
import { forwardIdentities } from "../../../src/lib/passes/forward.js";
import { prune } from "../../../src/lib/passes/prune.js";
import { node, program } from "../graph/programs.js";

test("prune() drops what no output needs", () => {
	const pruned = prune(
		program(
			[2],
			[node("used", "Relu", ["input:x"]), node("unused", "Relu", ["used:0"])],
			"used:0",
		),
	);
	expect(pruned.nodes.map(({ name }) => name)).toEqual(["used"]);
});

test("prune() keeps an assignment that no output needs", () => {
	const pruned = prune(
		program(
			[2],
			[
				node("used", "Relu", ["input:x"]),
				node("assign", "AssignVariableOp", ["input:x", "used:0"]),
			],
			"used:0",
		),
	);
	expect(pruned.nodes.map(({ name }) => name)).toEqual(["used", "assign"]);
});

test("forwardIdentities() lets consumers and outputs use what an identity passes on", () => {
	const nodes = [
		node("a", "Identity", ["input:x"]),
		node("b", "Relu", ["a:0"]),
		node("c", "StopGradient", ["b:0"]),
		node("d", "Snapshot", ["c:0"]),
	];
	const forwarded = forwardIdentities(program([2], nodes, "d:0"));
	expect(forwarded.nodes).toEqual([node("b", "Relu", ["input:x"])]);
	expect(forwarded.outputs[0].value).toBe("b:0");
});
