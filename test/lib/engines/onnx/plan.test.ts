import { expect, test } from "vitest";
import {
	type OnnxPlan,
	planOnnx,
} from "../../../../src/lib/engines/onnx/plan.js";
import { Planner } from "../../../../src/lib/engines/onnx/planner.js";
import {
	type GraphTypes,
	inferTypes,
} from "../../../../src/lib/graph/infer.js";
import { graph } from "../../graph/graphs.js";
import { node, program } from "../../graph/programs.js";

test("a chain of 12,000 nodes is planned without overflowing the stack", () => {
	const chain = Array.from({ length: 12_000 }, (_, i) =>
		node(`n${i}`, "Tanh", [i === 0 ? "input:x" : `n${i - 1}:0`], {
			T: "float32",
		}),
	);
	const plan = planOnnx(program([2], chain, "n11999:0"));
	expect((plan as OnnxPlan).program.main.steps).toHaveLength(1);
});

test("however many nodes lowering refuses, they are found out together", () => {
	// ONNX cannot transpose what has no known rank by an order that is computed
	const looks = (count: number) => {
		const chain = Array.from({ length: count }, (_, i) =>
			node(
				`n${i}`,
				"Transpose",
				[i === 0 ? "input:x" : `n${i - 1}:0`, "input:order"],
				{ T: "float32", Tperm: "int32" },
			),
		);
		const whole = graph(
			[
				["input:x", "float32", undefined],
				["input:order", "int32", [-1]],
			],
			chain,
			[[`n${count - 1}:0`, "float32"]],
		);
		const types = inferTypes(whole);
		let seen = 0;
		const watched: GraphTypes = {
			...types,
			typeOf: (value) => {
				seen++;
				return types.typeOf(value);
			},
			constant: (value) => types.constant(value),
			constantOf: (value) => types.constantOf(value),
		};
		const plan = new Planner(new Map()).plan(whole, watched, "test");
		expect(plan.steps.map(({ kind }) => kind)).toEqual(
			Array.from({ length: count }, () => "host"),
		);
		return seen;
	};
	expect(looks(40)).toBeLessThan(2.1 * looks(20));
});
