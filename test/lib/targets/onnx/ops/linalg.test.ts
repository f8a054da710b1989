import { describe, expect, test } from "vitest";
import {
	labelSizes,
	parseEinsum,
} from "../../../../../src/lib/ops/linalg/einsum.js";
import type { Tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import {
	counting,
	fed,
	floats,
	runOne,
	unranked,
} from "../../../../one-node.js";

const SHAPES = { a: 2, b: 3, c: 2, d: 4, e: 3, f: 2, ".2": 2, ".1": 3 };

/** The definition: a sum over all labels of products of elements. */
function einsumByDefinition(
	equation: string,
	tensors: readonly Tensor[],
): Tensor {
	const shapes = tensors.map(({ shape }) => shape);
	const einsum = parseEinsum(equation, shapes);
	if (einsum === undefined) throw new Error("ranks are known");
	const sizes = labelSizes(einsum, shapes);
	const labels = [...sizes.keys()];
	const shape = einsum.output.map((label) => sizes.get(label) ?? 0);
	const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
	const place = new Map(labels.map((label) => [label, 0]));
	const offset = (own: readonly string[], axes: readonly number[]) =>
		own.reduce(
			// an axis of size 1 stretches
			(sum, label, axis) =>
				sum * axes[axis] + ((place.get(label) ?? 0) % axes[axis]),
			0,
		);
	const visit = (depth: number): void => {
		if (depth === labels.length) {
			const factors = tensors.map(({ data: values, shape: axes }, i) =>
				Number(values[offset(einsum.operands[i], axes)]),
			);
			data[offset(einsum.output, shape)] += factors.reduce((a, b) => a * b);
			return;
		}
		for (let i = 0; i < (sizes.get(labels[depth]) ?? 0); i++) {
			place.set(labels[depth], i);
			visit(depth + 1);
		}
	};
	visit(0);
	return { dtype: "float32", shape, data };
}

/** An operand for a term, with an ellipsis of two axes. */
function operandOf(term: string, seed: number): Tensor {
	const labels = term.replace("...", "<>").replace("<", "12");
	const shape = [...labels].flatMap((label) =>
		label === ">"
			? []
			: [
					SHAPES[
						(label === "1" || label === "2"
							? `.${3 - Number(label)}`
							: label) as keyof typeof SHAPES
					],
				],
	);
	const counted = counting(...shape);
	return {
		...counted,
		data: (counted.data as Float32Array).map(
			(value) => ((value * seed) % 7) - 3,
		),
	};
}

describe.each([
	"ab,bd->ad",
	"ab,db->ad",
	"eab,ebd->ead",
	"eab,bd->ead",
	"ab->ba",
	"ab->",
	"ab->b",
	"a,b->ab",
	"ab,ab->",
	"ab,ab->ab",
	"a,a->",
	"abed,abfd->abef",
	"aebd,afbd->abef",
	"abef,afbd->aebd",
	"abd,dce->abce",
	"abcd,cde->abe",
	"aefd,abfd->afbe",
	"...ab,...bd->...ad",
	"...ab,bd->...ad",
	"ab...,b->a...",
	"b...->b...",
	"abed,bd->ea",
	"abef,abfd->da",
	"ab,bd,de->ae",
	"a,b,d->dab",
	"aa->a",
	"aa->",
	"aab->ba",
	"a->aa",
	"ab->aba",
])("Einsum %s is the sum of products", (equation) => {
	const terms = equation.split("->")[0].split(",");
	const tensors = terms.map((term, i) => operandOf(term, i + 2));
	const expected = einsumByDefinition(equation, tensors);

	test.each([
		["known", (shape: readonly number[]) => shape],
		["unknown", (shape: readonly number[]) => shape.map(() => -1)],
	])("of operands whose sizes are %s", async (_, known) => {
		const inputs = tensors.map((tensor) => fed(tensor, known(tensor.shape)));
		const [output] = await runOne("Einsum", inputs, { equation });
		expectClose(output, expected);
	});

	test("of a constant last operand", async () => {
		const inputs = tensors.map((tensor, i) =>
			i === tensors.length - 1 && i > 0 ? tensor : fed(tensor),
		);
		const [output] = await runOne("Einsum", inputs, { equation });
		expectClose(output, expected);
	});
});

test("Einsum stretches axes of an ellipsis", async () => {
	const inputs = [fed(counting(2, 1, 2), [-1, -1, 2]), fed(counting(3, 2))];
	const [output] = await runOne("Einsum", inputs, {
		equation: "...a,...a->...",
	});
	// [1,2]·[1,2], [1,2]·[3,4], [1,2]·[5,6]; [3,4]·…
	expectClose(output, floats([2, 3], [5, 11, 17, 11, 25, 39]));
});

test("Einsum takes operands of unknown rank", async () => {
	const inputs = [fed(counting(2, 1, 2), undefined), fed(counting(2, 2))];
	const [output] = await runOne("Einsum", inputs, {
		equation: "...a,ab->...b",
	});
	expectClose(output, floats([2, 1, 2], [7, 10, 15, 22]));
});

// [[1,2],[3,4]] · [[1,2,3],[4,5,6]]
const PRODUCT = floats([2, 3], [9, 12, 15, 19, 26, 33]);

test.each([
	[false, false],
	[true, false],
	[false, true],
	[true, true],
])(
	"MatMul transposes its operands (%s, %s), fed or constant",
	async (transpose_a, transpose_b) => {
		const a = floats([2, 2], transpose_a ? [1, 3, 2, 4] : [1, 2, 3, 4]);
		const b = transpose_b ? floats([3, 2], [1, 4, 2, 5, 3, 6]) : counting(2, 3);
		const attrs = { transpose_a, transpose_b };
		for (const inputs of [
			[fed(a, [-1, 2]), b],
			[a, fed(b)],
			[fed(a), fed(b)],
		])
			expectClose((await runOne("MatMul", inputs, attrs))[0], PRODUCT);
	},
);

test("MatMul on int64 is exact", async () => {
	const big: Tensor = {
		dtype: "int64",
		shape: [1, 1],
		data: BigInt64Array.of(2n ** 53n + 1n),
	};
	const two: Tensor = { ...big, data: BigInt64Array.of(2n) };
	const [output] = await runOne("MatMul", [fed(big), two]);
	expect(output.data).toEqual(BigInt64Array.of(2n ** 54n + 2n));
});

test("BatchMatMulV2 transposes operands of unknown rank", async () => {
	const a = fed(floats([1, 2, 2], [1, 3, 2, 4]), undefined);
	const [output] = await runOne("BatchMatMulV2", [a, fed(counting(2, 3))], {
		adj_x: true,
	});
	expectClose(output, { ...PRODUCT, shape: [1, 2, 3] });
});

test("BatchMatMulV3 multiplies bytes in the type that it gives", async () => {
	const bytes = (...values: number[]): Tensor => ({
		dtype: "int8",
		shape: [1, values.length],
		data: Int8Array.from(values),
	});
	const inputs = [fed(bytes(100, 100)), fed(bytes(100, 100))];
	const [output] = await runOne("BatchMatMulV3", inputs, {
		adj_y: true,
		Tout: "int32",
	});
	expect(output.data).toEqual(Int32Array.of(20_000));
});

test("_FusedMatMul adds a bias and activates", async () => {
	const attrs = { fused_ops: ["BiasAdd", "Relu"], num_args: 1 };
	const inputs = [
		fed(floats([2, 2], [1, 2, 3, 4]), [-1, 2]),
		counting(2, 3),
		floats([3], [0, -20, -40]),
	];
	const [output] = await runOne("_FusedMatMul", inputs, attrs);
	expectClose(output, floats([2, 3], [9, 0, 0, 19, 6, 0]));
});

test("Cross multiplies vectors along the last axis", async () => {
	const x = floats([2, 3], [1, 0, 0, 1, 2, 3]);
	const y = floats([2, 3], [0, 1, 0, 4, 5, 6]);
	const [output] = await runOne("Cross", [fed(x), fed(y)]);
	// x × y = z; (2·6-3·5, 3·4-1·6, 1·5-2·4)
	expectClose(output, floats([2, 3], [0, 0, 1, -3, 6, -3]));
});

// numpy's rules of broadcasting: a size of 1 takes the other's size, and that may be 0
test.each([
	[
		[0, 2, 3],
		[3, 4],
		[0, 2, 4],
	],
	[
		[2, 3],
		[0, 3, 4],
		[0, 2, 4],
	],
	[
		[0, 5, 2, 3],
		[3, 4],
		[0, 5, 2, 4],
	],
	[
		[1, 2, 3],
		[0, 3, 4],
		[0, 2, 4],
	],
	[
		[0, 2, 2, 3],
		[2, 3, 4],
		[0, 2, 2, 4],
	],
	[
		[0, 1, 2, 3],
		[1, 2, 3, 4],
		[0, 2, 2, 4],
	],
	[
		[2, 0, 3],
		[3, 4],
		[2, 0, 4],
	],
	[
		[3, 2, 3],
		[3, 4],
		[3, 2, 4],
	],
	[
		[2, 3],
		[2, 3, 4],
		[2, 2, 4],
	],
])("matrices %j times %j are %j, however little was known", async (a, b, c) => {
	const looseBatch = (shape: readonly number[]) =>
		shape.map((size, axis) => (axis === 0 && size !== 1 ? -1 : size));
	for (const known of [looseBatch, (shape: readonly number[]) => shape]) {
		const [product] = await runOne(
			"BatchMatMulV2",
			[fed(counting(...a), known(a)), fed(counting(...b), known(b))],
			{ T: "float32" },
		);
		expect(product.shape).toEqual(c);
	}
});

// ONNX Runtime's own Einsum would end the process
test("Einsum answers operands of unknown rank that have no elements", async () => {
	const none = unranked(counting(0, 1, 2));
	const equation = "...bij,...bkj->...bik";
	const [output] = await runOne("Einsum", [none, none], { equation });
	expectClose(output, floats([0, 1, 1], []));
});
