import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MlshipError } from "../../../src/lib/errors.js";
import { readNpy, writeNpy } from "../../../src/lib/tensor/npy.js";
import { readNpz, writeNpz } from "../../../src/lib/tensor/npz.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";

/** Files that numpy wrote: fixtures/npy/make.py. */
const file = (name: string) =>
	new Uint8Array(
		readFileSync(new URL(`../../../fixtures/npy/${name}`, import.meta.url)),
	);
const utf8 = (text: string) => new TextEncoder().encode(text);
const plain = ({ dtype, shape, data }: Tensor) => ({
	dtype,
	shape,
	data: Array.from(data as ArrayLike<unknown>, (value) =>
		value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
	),
});

test.each([
	["fortran.npy", "float32", [2, 3], [0, 1, 2, 3, 4, 5]],
	["big-endian.npy", "int64", [3], [1n, -2n, 2n ** 60n]],
	["bool.npy", "bool", [1, 2], [1, 0]],
	["text.npy", "string", [3], ["ä", "", "abc"]],
	["bytes.npy", "string", [2], ["ab", "c"]],
	// 1.5 in binary16 is 0 01111 1000000000
	["half-scalar.npy", "float16", [], [0x3e00]],
	["complex.npy", "complex64", [1], [1, 2]],
	["empty.npy", "float64", [0, 3], []],
])("readNpy() reads numpy's %s", (name, dtype, shape, data) => {
	expect(plain(readNpy(file(name)))).toEqual({ dtype, shape, data });
});

test("readNpz() reads numpy's deflated archive by name", () => {
	const { x, y } = readNpz(file("two.npz"));
	expect(plain(x)).toEqual({ dtype: "int32", shape: [3], data: [0, 1, 2] });
	expect(plain(y)).toEqual({
		dtype: "float32",
		shape: [2, 2],
		data: [1, 1, 1, 1],
	});
});

test.each<Tensor>([
	{
		dtype: "float32",
		shape: [2, 2],
		data: Float32Array.of(1, -0, Infinity, 0.1),
	},
	{ dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
	{ dtype: "bool", shape: [], data: Uint8Array.of(1) },
	{ dtype: "string", shape: [2], data: [utf8("né"), utf8("x")] },
])("writeNpy() and readNpy() agree on $dtype", (tensor) => {
	expect(plain(readNpy(writeNpy(tensor)))).toEqual(plain(tensor));
});

test("writeNpy() aligns the elements to 64 bytes, as numpy does", () => {
	const written = writeNpy({
		dtype: "float32",
		shape: [1],
		data: Float32Array.of(1),
	});
	expect((written.length - 4) % 64).toBe(0);
	expect(written[written.length - 5]).toBe(0x0a);
});

test("writeNpz() and readNpz() agree", () => {
	const tensor: Tensor = {
		dtype: "int8",
		shape: [2],
		data: Int8Array.of(-1, 2),
	};
	expect(plain(readNpz(writeNpz({ a: tensor })).a)).toEqual(plain(tensor));
});

test("readNpy() refuses records, and says which types it reads", () => {
	expect(() => readNpy(file("records.npy"))).toThrow(
		/cannot read the npy file: its header is .*wanted one plain type/,
	);
});

test("readNpy() fails with CORRUPT wherever a file is cut", () => {
	const whole = file("fortran.npy");
	for (let length = 0; length < whole.length; length++)
		expect(() => readNpy(whole.subarray(0, length))).toThrow(MlshipError);
});

test("readNpz() refuses what is no zip archive", () => {
	expect(() => readNpz(utf8("PK nothing"))).toThrow(/cannot read the npz file/);
});

test("readNpz() fails with CORRUPT wherever an archive is cut or its content flipped", () => {
	const archive = writeNpz({
		x: {
			dtype: "float32",
			shape: [3],
			data: Float32Array.of(1, 2, 3),
		},
	});
	for (let length = 0; length < archive.length; length++)
		expect(() => readNpz(archive.subarray(0, length))).toThrow(MlshipError);
	// the elements lie behind the local header and the npy header
	const content = archive.findIndex(
		(_, at) =>
			at > 64 && Buffer.from(archive.subarray(at, at + 4)).readFloatLE() === 1,
	);
	const flipped = archive.slice();
	flipped[content] ^= 1;
	expect(() => readNpz(flipped)).toThrow(/the checksum of x\.npy is/);
});

test("readNpz() believes no size that deflate cannot reach", () => {
	const archive = file("two.npz");
	const view = new DataView(archive.buffer);
	// APPNOTE.TXT 4.3.12: the unpacked size stands 24 bytes into an entry of the directory
	for (let at = 0; at < archive.length - 4; at++)
		if (view.getUint32(at, true) === 0x02014b50)
			view.setUint32(at + 24, 0x7fffffff, true);
	expect(() => readNpz(archive)).toThrow(/cannot have 2147483647 bytes/);
});
