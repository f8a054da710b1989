import { describe, expect, test } from "vitest";
import { inferTypes } from "../../../src/lib/graph/infer.js";
import type { Attrs, Node } from "../../../src/lib/graph/ir.js";
import type { ValueType } from "../../../src/lib/ops/define.js";
import { arithmetic } from "../../../src/lib/ops/math/elements.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";
import { constantOf, node } from "../graph/programs.js";

const type = (dtype: DType, shape: Shape) => ({ dtype, shape });

/** The type of an op on inputs of these types. */
function infer(
	op: string,
	inputs: readonly { dtype: DType; shape: Shape }[],
	attrs: Attrs = {},
): ValueType {
	const ports = inputs.map((input, i) => ({
		name: `in${i}`,
		value: `in${i}`,
		...input,
	}));
	const last = node(
		"last",
		op,
		ports.map(({ value }) => value),
		attrs,
	);
	const graph = { inputs: ports, outputs: [], nodes: [last] };
	return inferTypes(graph).typeOf("last:0");
}

describe("shapes", () => {
	test("an operation on two values broadcasts known and unknown sizes", () => {
		const x = type("float32", [-1, 1, 3]);
		expect(infer("AddV2", [x, type("float32", [5, 1])])).toEqual(
			type("float32", [-1, 5, 3]),
		);
		expect(infer("AddV2", [x, type("float32", undefined)]).shape).toBe(
			undefined,
		);
		expect(() => infer("AddV2", [x, type("float32", [4])])).toThrow(
			'sizes 3 and 4 differ (node "last", AddV2)',
		);
	});

	test("a comparison gives bool", () => {
		const inputs = [type("string", [-1]), type("string", [])];
		expect(infer("Equal", inputs, { incompatible_shape_error: true })).toEqual(
			type("bool", [-1]),
		);
	});

	test("Equal gives one answer where shapes cannot broadcast and that is no error", () => {
		const inputs = [type("int32", [2]), type("int32", [3])];
		expect(
			infer("Equal", inputs, { incompatible_shape_error: false }).shape,
		).toEqual([]);
		expect(() =>
			infer("Equal", inputs, { incompatible_shape_error: true }),
		).toThrow("cannot broadcast");
	});

	test("AddN merges what its inputs know", () => {
		const inputs = [type("int32", [-1, 2]), type("int32", [3, -1])];
		expect(infer("AddN", inputs).shape).toEqual([3, 2]);
	});

	test("SelectV2 broadcasts all three, Select takes the shape of what is chosen", () => {
		const condition = type("bool", [4, 1]);
		const x = type("float32", [3]);
		expect(infer("SelectV2", [condition, x, x]).shape).toEqual([4, 3]);
		const rows = type("float32", [4, 3]);
		expect(
			infer("Select", [type("bool", [4]), rows, type("float32", undefined)])
				.shape,
		).toEqual([4, 3]);
	});

	test("Bitcast adds an axis for the parts of larger elements and takes it from smaller ones", () => {
		const to = (name: string) => ({ type: name });
		const x = type("float32", [-1, 4]);
		expect(infer("Bitcast", [x], to("int32"))).toEqual(type("int32", [-1, 4]));
		expect(infer("Bitcast", [x], to("uint8"))).toEqual(
			type("uint8", [-1, 4, 4]),
		);
		const bytes = type("uint8", [-1, 4]);
		expect(infer("Bitcast", [bytes], to("float32"))).toEqual(
			type("float32", [-1]),
		);
	});

	test("PopulationCount gives bytes, Cast what it is told", () => {
		const x = type("int64", [2]);
		expect(infer("PopulationCount", [x]).dtype).toBe("uint8");
		expect(infer("Cast", [x], { DstT: "bool" })).toEqual(type("bool", [2]));
	});
});

describe("elements", () => {
	/** The elements of an op on the sizes [?, 6] and a constant. */
	function elements(op: string, constant: readonly number[], attrs = {}) {
		const nodes: Node[] = [
			node("shape", "Shape", ["x"], { T: "float32", out_type: "int32" }),
			constantOf("c", tensorFromNumbers("int32", [constant.length], constant)),
			node("last", op, ["shape:0", "c:0"], attrs),
		];
		const x = { name: "x", value: "x", ...type("float32", [-1, 6]) };
		const graph = { inputs: [x], outputs: [], nodes };
		return inferTypes(graph).typeOf("last:0").elements;
	}

	test.each([
		["AddV2", [1, 2], 8],
		["Sub", [1, 2], 4],
		["Mul", [2], 12],
		["FloorDiv", [4], 1],
		["FloorMod", [-4], -2],
		["TruncateMod", [-4], 2],
		["Maximum", [0, 9], 9],
		["Minimum", [0, 9], 6],
		["Pow", [2], 36],
	])("%s follows the sizes that are known", (op, constant, wanted) => {
		expect(elements(op, constant)).toEqual([undefined, wanted]);
	});

	test("a division by zero and a product that would wrap are not known", () => {
		expect(elements("FloorDiv", [1, 0])).toEqual([undefined, undefined]);
		expect(elements("Mul", [2 ** 30])).toEqual([undefined, undefined]);
	});

	test("elements of several axes are followed where none is stretched", () => {
		const add = arithmetic((a, b) => a + b);
		const table = (shape: number[]) => ({
			...type("int32", shape),
			elements: [1, 2],
		});
		const sum = (a: ValueType, b: ValueType) =>
			add({
				node: node("n", "AddV2", []),
				inputs: [a, b],
				constant: () => undefined,
			})[0];
		const row = table([1, 2]);
		expect(sum(row, table([2]))).toEqual({ ...row, elements: [2, 4] });
		expect(sum(row, table([2, 1]))).toEqual(type("int32", [2, 2]));
	});

	test("floats have no elements", () => {
		const x = type("float32", [2]);
		expect(infer("AddV2", [x, x]).elements).toBe(undefined);
	});

	test("Cast keeps elements that its type can hold", () => {
		const nodes = [
			constantOf("c", tensorFromNumbers("int32", [2], [7, 300])),
			node("last", "Cast", ["c:0"], { DstT: "uint8" }),
		];
		const types = inferTypes({ inputs: [], outputs: [], nodes });
		expect(types.typeOf("last:0").elements).toEqual([7, undefined]);
	});
});
