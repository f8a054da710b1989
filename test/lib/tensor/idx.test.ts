import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { isIdx, readIdx, unpacked } from "../../../src/lib/tensor/idx.js";

/** The magic number with type and rank, sizes and values, the highest byte first (MNIST's page). */
function idx(type: number, shape: readonly number[], values: Buffer): Buffer {
	const head = Buffer.alloc(4 + 4 * shape.length);
	head[2] = type;
	head[3] = shape.length;
	shape.forEach((size, axis) => {
		head.writeUInt32BE(size, 4 + 4 * axis);
	});
	return Buffer.concat([head, values]);
}

test.each([
	[8, "uint8", Buffer.from([1, 255]), [1, 255]],
	[9, "int8", Buffer.from([1, 255]), [1, -1]],
	[11, "int16", Buffer.from([0, 1, 255, 254]), [1, -2]],
	[12, "int32", Buffer.from([0, 0, 1, 0, 255, 255, 255, 255]), [256, -1]],
	[13, "float32", Buffer.from([0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0]), [1.5, -2]],
])("type %d is %s", (type, dtype, bytes, values) => {
	const tensor = readIdx(idx(type, [2, 1], bytes));
	expect(tensor).toMatchObject({ dtype, shape: [2, 1] });
	expect([...(tensor.data as Int8Array)]).toEqual(values);
});

test("gzip around it is taken off, up to a limit", () => {
	const file = idx(8, [3], Buffer.from([1, 2, 3]));
	expect(readIdx(unpacked(gzipSync(file), 100)).shape).toEqual([3]);
	expect(() => unpacked(gzipSync(Buffer.alloc(1000)), 100)).toThrow(
		"it cannot be unpacked",
	);
	expect(() => unpacked(gzipSync(file).subarray(0, 12), 100)).toThrow(
		"it cannot be unpacked",
	);
});

test.each([
	["cut in its sizes", idx(8, [3, 3], Buffer.alloc(0)).subarray(0, 9)],
	["cut in its values", idx(8, [3], Buffer.from([1, 2]))],
	["too long", idx(8, [3], Buffer.from([1, 2, 3, 4]))],
	["of absurd sizes", idx(8, [2 ** 32 - 1, 2 ** 32 - 1], Buffer.alloc(4))],
	["no idx file", Buffer.from("PK\u0003\u0004")],
])("a file that is %s is refused", (_, bytes) => {
	expect(() => readIdx(bytes)).toThrow(/cannot (read the idx file|use shape)/);
});

test("other files are told apart", () => {
	expect(isIdx(Buffer.from([0, 0, 8, 3]))).toBe(true);
	expect(isIdx(Buffer.from([0, 0, 7, 3]))).toBe(false);
	expect(isIdx(Buffer.from("\x93NUMPY", "latin1"))).toBe(false);
	expect(isIdx(Buffer.alloc(0))).toBe(false);
});
