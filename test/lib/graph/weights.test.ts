import { expect, test } from "vitest";
import { weightBytes } from "../../../src/lib/graph/weights.js";
import { heldConstant } from "../../../src/lib/tensor/constant.js";
import { floats } from "../../one-node.js";
import { graph, programWith } from "./graphs.js";
import { constant, node } from "./programs.js";

test("the weights of a program are its constants, those of its bodies, and its variables", () => {
	const body = graph([], [constant("in_body", [2], [1, 2])], []);
	const main = graph(
		[["x", "float32"]],
		[
			constant("own", [3], [1, 2, 3]),
			node("y", "Neg", ["x"], { T: "float32" }),
		],
		[],
	);
	const state = [
		{ name: "kept", initial: heldConstant(floats([4], [1, 2, 3, 4])) },
		{ name: "never_set" },
	];
	// four bytes a number
	expect(weightBytes({ ...programWith(main, { body }), state })).toBe(
		4 * (3 + 2 + 4),
	);
});
