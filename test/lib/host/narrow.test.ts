import { expect, test } from "vitest";
import { hostKernel } from "../../../src/lib/host/index.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { node } from "../graph/programs.js";

function longs(...values: bigint[]): Tensor {
	return tensor("int64", [values.length], BigInt64Array.from(values));
}

function unsigned(...values: bigint[]): Tensor {
	return tensor("uint64", [values.length], BigUint64Array.from(values));
}

function answer(op: string, ...inputs: Tensor[]) {
	const dtypes = inputs.map(({ dtype }) => dtype);
	const made = hostKernel({ op }, dtypes)?.(node("n", op, []), inputs)?.[0];
	return made && Array.from<number | bigint | Uint8Array>(made.data);
}

const EDGE = 2n ** 31n;
const MOST = 2n ** 63n - 1n;

// integers of 64 bits, worked out by hand: within 32 bits, at their edges and beyond
test.each([
	["AddV2", longs(EDGE - 1n, -EDGE), longs(1n), [EDGE, 1n - EDGE]],
	["AddV2", longs(EDGE - 1n, -EDGE), longs(EDGE - 1n), [2n * EDGE - 2n, -1n]],
	["AddV2", longs(MOST, 1n), longs(1n), [-MOST - 1n, 2n]],
	["Sub", longs(-EDGE, 5n), longs(EDGE - 1n), [1n - 2n * EDGE, 6n - EDGE]],
	["Sub", longs(-EDGE), longs(EDGE), [-2n * EDGE]],
	["Sub", unsigned(3n), unsigned(5n), [2n ** 64n - 2n]],
	["AddV2", unsigned(EDGE), unsigned(2n ** 64n - 1n), [EDGE - 1n]],
	["Maximum", longs(-1n, EDGE), longs(-2n, 0n), [-1n, EDGE]],
	["Maximum", unsigned(2n ** 64n - 1n), unsigned(7n), [2n ** 64n - 1n]],
	["Minimum", longs(-1n, 4n), longs(-2n, 9n), [-2n, 4n]],
	["Less", longs(-1n, MOST), longs(0n), [1, 0]],
	["Less", unsigned(2n ** 64n - 1n), unsigned(0n), [0]],
	["Equal", longs(2n ** 32n), longs(0n), [0]],
	["AddV2", longs(), longs(1n), []],
])("%s is exact for small numbers and for large ones", (op, x, y, wanted) => {
	expect(answer(op, x, y)).toEqual(wanted);
});

test("a choice between numbers of 64 bits keeps all their bits", () => {
	const condition = tensor("bool", [3], Uint8Array.of(1, 0, 1));
	const x = longs(MOST, 0n, -1n);
	expect(answer("SelectV2", condition, x, longs(-MOST))).toEqual([
		MOST,
		-MOST,
		-1n,
	]);
	expect(
		answer("SelectV2", condition, unsigned(2n ** 64n - 1n), unsigned(2n)),
	).toEqual([2n ** 64n - 1n, 2n, 2n ** 64n - 1n]);
});
