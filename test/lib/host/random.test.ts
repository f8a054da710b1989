import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { tensorOf } from "../../../src/lib/host/value.js";
import { fromFloat16 } from "../../../src/lib/tensor/half.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { given } from "../../run-kernel.js";
import { aRun, runStep } from "./steps.js";

const long = (value: unknown) => given("int64", value);
const float = (value: unknown) => given("float32", value);

/** The elements of the first output. */
function drawn(op: string, inputs: readonly Tensor[], attrs: Attrs): unknown[] {
	const { dtype, data } = tensorOf(runStep(op, inputs, attrs)[0]);
	return Array.from(
		(dtype === "float16"
			? fromFloat16(data as Uint16Array)
			: data) as unknown as ArrayLike<unknown>,
	);
}

/** The seed of all that follows; answers are TensorFlow's for it. */
const seed = long([3, -7]);
const [key, counter] = runStep("StatelessRandomGetKeyCounter", [seed]).map(
	tensorOf,
);
const algorithm = given("int32", 1);

test("a seed is scrambled into a key and a counter", () => {
	expect([key.data, counter.data]).toEqual([
		BigUint64Array.of(15178996493839630709n),
		BigUint64Array.of(0n, 1204863691393570240n),
	]);
});

test.each([
	["Uniform", "float16", [0.1982421875, 0.0234375, 0.6044921875]],
	[
		"Uniform",
		"float64",
		[0.4669907221891716, 0.48887169519711793, 0.6526540807910617],
	],
	["TruncatedNormal", "float16", [-0.32421875, 0.56591796875, -0.52001953125]],
	[
		"TruncatedNormal",
		"float64",
		[0.08621631728723701, -1.231039610784243, -1.467636934932294],
	],
] as const)(
	"%s numbers of %s have TensorFlow's bits",
	(kind, dtype, wanted) => {
		const op =
			kind === "Uniform"
				? "StatelessRandomUniformV2"
				: "StatelessTruncatedNormalV2";
		const found = drawn(op, [long([3]), key, counter, algorithm], { dtype });
		for (const [i, value] of wanted.entries())
			expect(found[i]).toBeCloseTo(value, 14);
	},
);

test.each([
	[
		-(2n ** 62n),
		2n ** 62n,
		[249219810450700491n, -2275165830760639893n, 2866985001780146501n],
	],
	[-3n, 9n, [4n, 4n, 6n]],
])(
	"64-bit integers from %s up to %s have TensorFlow's bits",
	(low, high, wanted) => {
		const bounds = [low, high].map(
			(bound): Tensor => ({
				dtype: "int64",
				shape: [],
				data: BigInt64Array.of(bound),
			}),
		);
		expect(
			drawn(
				"StatelessRandomUniformIntV2",
				[long([3]), key, counter, algorithm, ...bounds],
				{ dtype: "int64" },
			),
		).toEqual(wanted);
	},
);

test.each([
	[
		"StatelessRandomGammaV2",
		[long([2, 2]), seed, float([0.5, 1])],
		{},
		[0.11849042, 1.58496809, 1.86808848, 4.7898951],
	],
	[
		"StatelessRandomPoisson",
		[long([2, 2]), seed, float([4, 40])],
		{ dtype: "float32" },
		[6, 46, 2, 42],
	],
	[
		"StatelessRandomBinomial",
		[long([2, 2]), seed, float([9, 90]), float([0.2, 0.9])],
		{ dtype: "int32" },
		[3, 81, 1, 85],
	],
	[
		"StatelessParameterizedTruncatedNormal",
		[long([4]), seed, float(1), float(2), float(4), float(8)],
		{ dtype: "float32" },
		[4.2127304, 4.209353, 4.0443888, 5.0410657],
	],
	[
		"StatelessMultinomial",
		[float([[0, 1, -Infinity]]), given("int32", 3), seed],
		{ output_dtype: "int32" },
		[1, 1, 1],
	],
] as const)("%s draws what TensorFlow draws", (op, inputs, attrs, wanted) => {
	const found = drawn(op, inputs, attrs);
	for (const [i, value] of wanted.entries())
		expect(found[i]).toBeCloseTo(value, 5);
});

test("rows are shuffled whole, whatever they are made of", () => {
	const value = given("string", ["a", "b", "c", "d"]);
	expect(
		drawn("StatelessShuffle", [value, key, counter, algorithm], {}).map(String),
	).toEqual(["d", "b", "a", "c"].map((text) => String(Buffer.from(text))));
});

test("seeds of an operation go on from run to run of a session, as TensorFlow's do", () => {
	const run = aRun();
	const draw = () =>
		Array.from(
			tensorOf(
				runStep(
					"RandomUniformInt",
					[long([4]), given("int32", 0), given("int32", 100)],
					{ Tout: "int32", seed: 1, seed2: 2 },
					run,
				)[0],
			).data as Int32Array,
		);
	expect([draw(), draw()]).toEqual([
		[99, 15, 2, 9],
		[79, 30, 49, 65],
	]);
});

test("without seeds no two runs are alike", () => {
	const draw = () =>
		String(drawn("RandomUniform", [long([8])], { dtype: "float32" }));
	expect(draw()).not.toBe(draw());
});

test("a generator's state skips 256 numbers for each, modulo 2^64", () => {
	const state: Tensor = {
		dtype: "int64",
		shape: [3],
		data: BigInt64Array.of(-1n, 4n, 5n),
	};
	const skip = (delta: bigint) =>
		tensorOf(
			runStep("RngSkip", [
				state,
				algorithm,
				{ dtype: "uint64", shape: [], data: BigUint64Array.of(delta) },
			])[0],
		).data;
	expect(skip(1n)).toEqual(BigInt64Array.of(255n, 5n, 5n));
	// 2^60 · 256 is 0
	expect(skip(2n ** 60n)).toEqual(state.data);
});

test.each([
	[
		"StatelessRandomUniform",
		[long([2]), long([1, 2, 3])],
		{ dtype: "float32" },
		"cannot draw with a seed of shape [3]: [2] is wanted",
	],
	[
		"StatelessRandomUniformV2",
		[long([2]), key, counter, given("int32", 2)],
		{ dtype: "float32" },
		"cannot draw with algorithm 2: 1 (Philox) is wanted",
	],
	[
		"StatelessRandomUniformInt",
		[long([2]), seed, given("int32", 3), given("int32", 3)],
		{ dtype: "int32" },
		"cannot draw from 3 up to 3: there is no number",
	],
	[
		"StatelessRandomGammaV2",
		[long([2, 3]), seed, float([1, 2])],
		{},
		"cannot draw samples of shape [2,3]: it does not end with that of the parameters, [2]",
	],
	[
		"StatelessMultinomial",
		[float([[]]), given("int32", 2), seed],
		{ output_dtype: "int64" },
		"cannot draw 2 samples from log-odds of shape [1,0]: a matrix with columns is wanted",
	],
] as const)(
	"%s refuses what TensorFlow refuses",
	(op, inputs, attrs, message) => {
		expect(() => runStep(op, inputs, attrs)).toThrow(message);
	},
);
