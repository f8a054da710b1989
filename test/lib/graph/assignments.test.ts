import { expect, test } from "vitest";
import { ASSIGNMENTS } from "../../../src/lib/graph/assignments.js";

/** How the new value is made, as a formula of the variable `v` and the op's other inputs `a`, `b` … */
function formula(op: string, inputs: readonly string[]) {
	return ASSIGNMENTS[op].value({
		dtype: "float32",
		attrs: { Tindices: "int32" },
		inputs,
		current: () => "v",
		add: (name, given) => `${name}(${given.join(", ")})`,
		axis: String,
	});
}

// tensorflow/core/ops/state_ops.cc (references of TensorFlow 1) and resource_variable_ops.cc
test.each([
	["Assign", "AssignVariableOp", ["a"], "a"],
	["AssignAdd", "AssignAddVariableOp", ["a"], "AddV2(v, a)"],
	["AssignSub", "AssignSubVariableOp", ["a"], "Sub(v, a)"],
	[
		"ScatterUpdate",
		"ResourceScatterUpdate",
		["a", "b"],
		"TensorScatterUpdate(v, ExpandDims(a, -1), b)",
	],
	[
		"ScatterMax",
		"ResourceScatterMax",
		["a", "b"],
		"TensorScatterMax(v, ExpandDims(a, -1), b)",
	],
	[
		"ScatterNdAdd",
		"ResourceScatterNdAdd",
		["a", "b"],
		"TensorScatterAdd(v, a, b)",
	],
	[
		"StridedSliceAssign",
		"ResourceStridedSliceAssign",
		["a", "b", "c", "d"],
		"TensorStridedSliceUpdate(v, a, b, c, d)",
	],
])(
	"%s and %s set the variable v from %j to %s",
	(reference, resource, inputs, wanted) => {
		expect(formula(reference, inputs)).toBe(wanted);
		expect(formula(resource, inputs)).toBe(wanted);
	},
);
