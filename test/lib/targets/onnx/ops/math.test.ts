import { expect, test } from "vitest";
import { DTYPES, type DType } from "../../../../../src/lib/tensor/dtype.js";
import { limitTensor } from "../../../../../src/lib/tensor/limits.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../close.js";
import { fed, floats, runOne } from "../../../../one-node.js";

const vector = (dtype: DType, ...values: number[]): Tensor =>
	tensorFromNumbers(dtype, [values.length], values);

const longs = (...values: bigint[]): Tensor =>
	tensor("int64", [values.length], BigInt64Array.from(values));

/** The answer of an op whose inputs are all fed, with sizes unknown. */
async function answer(
	op: string,
	inputs: readonly Tensor[],
	attrs = {},
): Promise<Tensor> {
	const given = inputs.map((input) =>
		fed(
			input,
			input.shape.map(() => -1),
		),
	);
	return (await runOne(op, given, attrs))[0];
}

const INT_MIN = -(2 ** 31);
const LARGE = 2n ** 53n + 1n;

test.each([
	["FloorDiv", [3, -4, -4, 3]],
	["FloorMod", [1, 1, -1, -1]],
	["TruncateDiv", [3, -3, -3, 3]],
	["TruncateMod", [1, -1, 1, -1]],
	["Mod", [1, -1, 1, -1]],
])("%s of signed integers and of floats", async (op, wanted) => {
	const [x, y] = [
		[7, -7, 7, -7],
		[2, 2, -2, -2],
	];
	for (const dtype of ["int8", "int32", "int64", "float32"] as const) {
		const inputs = [vector(dtype, ...x), vector(dtype, ...y)];
		expectClose(await answer(op, inputs), vector(dtype, ...wanted));
	}
});

// the quotient does not fit, which stops a processor: TensorFlow's wraps
test.each([
	["FloorDiv", [INT_MIN, -7]],
	["FloorMod", [0, 0]],
	["TruncateDiv", [INT_MIN, -7]],
	["TruncateMod", [0, 0]],
])("%s of the smallest integer by -1", async (op, wanted) => {
	const inputs = [vector("int32", INT_MIN, 7), vector("int32", -1, -1)];
	expectClose(await answer(op, inputs), vector("int32", ...wanted));
});

test("FloorDiv of 64-bit integers keeps their last bit, by a constant too", async () => {
	const quotient = longs(-(2n ** 52n) - 1n, 2n ** 52n);
	const x = longs(-LARGE, LARGE);
	expectClose(await answer("FloorDiv", [x, longs(2n, 2n)]), quotient);
	const [byConstant] = await runOne("FloorDiv", [fed(x), longs(2n)]);
	expectClose(byConstant, quotient);
});

test("an integer divided by zero fails", async () => {
	const inputs = [vector("int32", 1), vector("int32", 0)];
	await expect(answer("FloorDiv", inputs)).rejects.toThrow(/division by zero/);
});

// 3^21 = 10,460,353,203 = 2 * 2^32 + 1,870,418,611; 7^10 = 282,475,249
test("Pow of integers multiplies and wraps, whether its exponent is known or not", async () => {
	const x = vector("int32", 3, -2, 0, 7);
	const y = vector("int32", 21, 31, 0, 10);
	const wanted = vector("int32", 1_870_418_611, INT_MIN, 1, 282_475_249);
	expectClose(await answer("Pow", [x, y]), wanted);
	const cubes = await runOne("Pow", [
		fed(x),
		tensorFromNumbers("int32", [], [3]),
	]);
	expectClose(cubes[0], vector("int32", 27, -8, 0, 343));
	// (2^31 + 1)^3 = 2^93 + 3 * 2^62 + 3 * 2^31 + 1
	const [long] = await runOne("Pow", [
		fed(longs(2n ** 31n + 1n)),
		tensorFromNumbers("int64", [], [3]),
	]);
	expectClose(long, longs(BigInt.asIntN(64, 3n * 2n ** 62n + 6442450945n)));
});

test("Pow of an integer to a negative power fails", async () => {
	const inputs = [vector("int32", 2), vector("int32", -1)];
	await expect(answer("Pow", inputs)).rejects.toThrow(/zero/);
});

// e^x - 1 and ln(1 + x) by their series: x + x²/2, x - x²/2
test("Expm1 and Log1p keep the digits of small numbers", async () => {
	const x = floats([5], [1e-6, -1e-6, 2, -Infinity, Infinity]);
	expectClose(
		await answer("Expm1", [x]),
		floats([5], [1.0000005e-6, -9.999995e-7, Math.E ** 2 - 1, -1, Infinity]),
		{ rtol: 1e-6, atol: 0 },
	);
	const y = floats([5], [1e-6, -1e-6, 2, -1, Infinity]);
	expectClose(
		await answer("Log1p", [y]),
		floats([5], [9.999995e-7, -1.0000005e-6, Math.log(3), -Infinity, Infinity]),
		{ rtol: 1e-6, atol: 0 },
	);
});

test("Atan2 knows all quadrants, axes and signed zeros", async () => {
	const y = floats([10], [1, 1, -1, -1, 0, -0, 2, -2, 0, -0]);
	const x = floats([10], [1, -1, -1, 1, -1, -1, 0, 0, -0, -0]);
	const eighths = [1, 3, -3, -1, 4, -4, 2, -2, 4, -4];
	expectClose(
		await answer("Atan2", [y, x]),
		floats(
			[10],
			eighths.map((n) => (n * Math.PI) / 4),
		),
	);
});

test("NextAfter moves by one unit in the last place", async () => {
	const x = floats([5], [1, 1, 0, 1, Infinity]);
	const y = floats([5], [2, 0, 1, 1, 0]);
	const wanted = [
		1 + 2 ** -23,
		1 - 2 ** -24,
		2 ** -149,
		1,
		3.4028234663852886e38,
	];
	expect((await answer("NextAfter", [x, y])).data).toEqual(
		Float32Array.from(wanted),
	);
});

test.each(["int8", "int16", "int32", "int64", "uint8", "uint16"] as const)(
	"shifts of %s keep the sign, and stay within the width",
	async (dtype) => {
		const isSigned = !dtype.startsWith("u");
		const x = vector(dtype, isSigned ? -8 : 200, 3, 1);
		const by = vector(dtype, 1, 1, 100);
		const bits = 8 * DTYPES[dtype].bytes;
		const right = vector(dtype, isSigned ? -4 : 100, 1, 0);
		expectClose(await answer("RightShift", [x, by]), right);
		const left = await answer("LeftShift", [x, by]);
		const top = isSigned
			? limitTensor(dtype, "lowest").data[0]
			: 2 ** (bits - 1);
		expect(Array.from<unknown>(left.data)[2]).toEqual(top);
		const doubled = vector(dtype, isSigned ? -16 : 400, 6).data;
		expect(left.data.slice(0, 2)).toEqual(doubled);
	},
);

test("PopulationCount counts the bits of negative numbers and wide ones", async () => {
	expectClose(
		await answer("PopulationCount", [vector("int8", -1, 5, 0, -128)]),
		vector("uint8", 8, 2, 0, 1),
	);
	expectClose(
		await answer("PopulationCount", [longs(-1n, LARGE)]),
		vector("uint8", 64, 2),
	);
});

test("Select chooses by a scalar, by rows and by elements, of unknown rank too", async () => {
	const t = floats([2, 2], [1, 2, 3, 4]);
	const e = floats([2, 2], [-1, -2, -3, -4]);
	const bool = (shape: number[], values: number[]) =>
		tensorFromNumbers("bool", shape, values);
	for (const [condition, wanted] of [
		[bool([], [0]), [-1, -2, -3, -4]],
		[bool([2], [1, 0]), [1, 2, -3, -4]],
		[bool([2, 2], [1, 0, 0, 1]), [1, -2, -3, 4]],
	] as const) {
		expectClose(
			(
				await runOne(
					"Select",
					[condition, t, e].map((x) => fed(x)),
				)
			)[0],
			floats([2, 2], [...wanted]),
		);
		expectClose(
			(
				await runOne(
					"Select",
					[condition, t, e].map((x) => fed(x, undefined)),
				)
			)[0],
			floats([2, 2], [...wanted]),
		);
	}
});

test("Equal compares strings and numbers of 64 bits", async () => {
	expectClose(
		await answer("Equal", [longs(LARGE, LARGE), longs(LARGE, LARGE - 1n)]),
		vector("bool", 1, 0),
	);
	const words = (...texts: string[]) =>
		tensor(
			"string",
			[texts.length],
			texts.map((text) => Buffer.from(text)),
		);
	expectClose(
		await answer("NotEqual", [words("é", "b"), words("é")]),
		vector("bool", 0, 1),
	);
});

test("Equal of shapes that do not broadcast is one answer", async () => {
	const inputs = [fed(vector("int32", 1, 2)), fed(vector("int32", 1, 2, 3))];
	const [result] = await runOne("Equal", inputs, {
		incompatible_shape_error: false,
	});
	expectClose(result, tensorFromNumbers("bool", [], [0]));
});

test("Cast to bfloat16 rounds at once, or cuts when told to", async () => {
	// 1 + 3/256 lies between the bfloat16 1 + 2/256 and 1 + 4/256
	const x = floats([2], [1 + 3 / 256, -(1 + 3 / 256)]);
	const attrs = { SrcT: "float32", DstT: "bfloat16" };
	const nearest = await answer("Cast", [x], { ...attrs, Truncate: false });
	expect(nearest.data).toEqual(Uint16Array.of(0x3f82, 0xbf82));
	const cut = await answer("Cast", [x], { ...attrs, Truncate: true });
	expect(cut.data).toEqual(Uint16Array.of(0x3f81, 0xbf81));
});

// from -1.6 to 0.95 in 255 steps of 0.01; from -1.604 to 0.946 they are moved by 0.4 of a step, so that 0 is one
test("FakeQuantWithMinMaxArgs rounds to steps of which 0 is one", async () => {
	const x = floats([5], [0, 0.004, 0.006, 5, -5]);
	const wanted = floats([5], [0, 0, 0.01, 0.95, -1.6]);
	for (const [min, max] of [
		[-1.6, 0.95],
		[-1.604, 0.946],
	])
		expectClose(
			await answer("FakeQuantWithMinMaxArgs", [x], { min, max }),
			wanted,
		);
});

test("FakeQuantWithMinMaxVars of no range gives zeros", async () => {
	const zero = floats([], [0]);
	expectClose(
		await answer("FakeQuantWithMinMaxVars", [floats([2], [1, -3]), zero, zero]),
		floats([2], [0, 0]),
	);
});

// Γ(5) = 24, Γ(1/2) = √π, Γ(-1/2) = -2√π; ψ(1) = -γ; erf(1/2) = 0.5204998778
test("Lgamma, Digamma and Erfinv agree with tables", async () => {
	expectClose(
		await answer("Lgamma", [floats([5], [5, 0.5, -0.5, 1, -2])]),
		floats(
			[5],
			[
				Math.log(24),
				Math.log(Math.PI) / 2,
				Math.log(2 * Math.sqrt(Math.PI)),
				0,
				Infinity,
			],
		),
	);
	expectClose(
		await answer("Digamma", [floats([2], [1, 2])]),
		floats([2], [-0.5772156649, 0.4227843351]),
	);
	expectClose(
		await answer("Erfinv", [floats([4], [0, 0.5204998778, 1, -1])]),
		floats([4], [0, 0.5, Infinity, -Infinity]),
	);
});

// bit patterns by IEEE 754: 1.0, -0, the smallest subnormal, the largest, infinity, a quiet NaN, 2^-126, 1/3
test("Bitcast takes the bits of every kind of float32, and back", async () => {
	const bits = Int32Array.of(
		0x3f800000,
		INT_MIN,
		1,
		0x007fffff,
		0x7f800000,
		0x7fc00000,
		0x00800000,
		0x3eaaaaab,
		-0x00800000,
	);
	const ints = tensor("int32", [bits.length], bits);
	const values = tensor(
		"float32",
		[bits.length],
		new Float32Array(bits.buffer),
	);
	expectClose(await answer("Bitcast", [values], { type: "int32" }), ints);
	const back = await answer("Bitcast", [ints], { type: "float32" });
	expect(new Int32Array((back.data as Float32Array).buffer)).toEqual(bits);
});

test("Bitcast takes the bits of float64 and of halves", async () => {
	const doubles = Float64Array.of(
		Math.PI,
		-0,
		5e-324,
		Number.MAX_VALUE,
		-Infinity,
	);
	const bits = new BigInt64Array(doubles.buffer);
	const values = tensor("float64", [5], doubles);
	expectClose(
		await answer("Bitcast", [values], { type: "int64" }),
		tensor("int64", [5], bits),
	);
	const back = await answer("Bitcast", [tensor("int64", [5], bits)], {
		type: "float64",
	});
	expect(back.data).toEqual(doubles);
	for (const dtype of ["float16", "bfloat16"] as const) {
		const patterns = Uint16Array.of(0x3c00, 0x8000, 0x0001, 0x7b00, 0xfc00);
		const halves = tensor(dtype, [5], patterns);
		const words = tensor("uint16", [5], patterns);
		expectClose(await answer("Bitcast", [halves], { type: "uint16" }), words);
		expect((await answer("Bitcast", [words], { type: dtype })).data).toEqual(
			patterns,
		);
	}
});

test("Bitcast parts elements, lowest byte first, and joins them", async () => {
	const whole = tensorFromNumbers("int32", [1, 2], [0x01020304, -2]);
	const parts = tensorFromNumbers(
		"uint8",
		[1, 2, 4],
		[4, 3, 2, 1, 254, 255, 255, 255],
	);
	expectClose(await answer("Bitcast", [whole], { type: "uint8" }), parts);
	expectClose(await answer("Bitcast", [parts], { type: "int32" }), whole);
});

// from -1 to 2 in 8 signed bits: 2 is 127 steps of 2/127, -128 of them reach further than -1, which is 63.5
test("QuantizeAndDequantizeV2 rounds to the steps that its larger end needs", async () => {
	const x = floats([1, 4], [0.01, 3, -5, -1]);
	const step = 2 / 127;
	const given = [x, floats([], [-1]), floats([], [2])].map((input) =>
		fed(input),
	);
	const attrs = { signed_input: true, num_bits: 8, axis: -1 };
	const [rounded] = await runOne("QuantizeAndDequantizeV2", given, {
		...attrs,
		range_given: true,
	});
	expectClose(
		rounded,
		floats([1, 4], [step, 127 * step, -128 * step, -64 * step]),
	);
	const [found] = await runOne("QuantizeAndDequantizeV2", given, {
		...attrs,
		range_given: false,
	});
	// the range of the values is -5 to 3: 5/128 is the larger step
	expectClose(found, floats([1, 4], [0, (77 * 5) / 128, -5, (-26 * 5) / 128]));
});
