import { expect, test } from "vitest";
import { readTensorFile } from "../../../src/lib/tensor/file.js";
import { writeNpy } from "../../../src/lib/tensor/npy.js";
import { writeNpz } from "../../../src/lib/tensor/npz.js";
import { type Shape, tensor } from "../../../src/lib/tensor/tensor.js";

const signature = (dtype: "float32" | "string", shape: Shape) => ({
	key: "serving_default",
	inputs: [{ name: "x", dtype, shape }],
});
const FLOATS = signature("float32", [-1]);
const [X] = FLOATS.inputs;
const values = tensor("float32", [2], Float32Array.of(1, 2));

test("readTensorFile() knows npy, npz and JSON by their first bytes", () => {
	const doubles = tensor("float64", [2], Float64Array.of(1, 2));
	for (const bytes of [
		writeNpy(doubles),
		writeNpz({ anything: doubles }),
		Buffer.from(" [1, 2]"),
	])
		expect(readTensorFile(bytes, X, FLOATS)).toEqual(values);
});

test("readTensorFile() takes the array of an archive that is named, or named as the input", () => {
	const archive = writeNpz({
		x: values,
		y: tensor("float32", [1], Float32Array.of(3)),
	});
	expect(readTensorFile(archive, X, FLOATS)).toEqual(values);
	expect(readTensorFile(archive, X, FLOATS, { variable: "y" }).shape).toEqual([
		1,
	]);
	expect(() => readTensorFile(archive, X, FLOATS, { variable: "z" })).toThrow(
		expect.objectContaining({
			code: "NOT_FOUND",
			message: 'cannot find array "z": the archive has "x", "y"',
		}),
	);
});

test.each<[Shape, number[]]>([
	[[-1], [1]],
	[[], []],
	[
		[-1, 1],
		[1, 1],
	],
	[undefined, [1]],
])(
	"readTensorFile() takes any other file for a string, of shape %j",
	(shape, found) => {
		const strings = signature("string", shape);
		const bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
		expect(readTensorFile(bytes, strings.inputs[0], strings)).toEqual({
			dtype: "string",
			shape: found,
			data: [bytes],
		});
		const json = readTensorFile(
			Buffer.from('["a","b"]'),
			strings.inputs[0],
			strings,
			{
				isJson: true,
			},
		);
		expect(json.shape).toEqual([2]);
	},
);

test("readTensorFile() fails on what is none of them", () => {
	expect(() => readTensorFile(Buffer.from("x"), X, FLOATS)).toThrow(
		"JSON Parse error: Invalid value. at offset: 0",
	);
});
