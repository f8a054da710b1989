import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Signature } from "../../../src/lib/savedmodel/signature.js";
import type { Batch } from "../../../src/lib/serving/batches.js";
import {
	type PictureOptions,
	pictureBatches,
} from "../../../src/lib/serving/pictures.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import {
	type Shape,
	type Tensor,
	tensor,
} from "../../../src/lib/tensor/tensor.js";

function signature(
	inputs: Readonly<Record<string, [DType, Shape]>>,
): Signature {
	return {
		key: "serving_default",
		methodName: "",
		inputs: Object.entries(inputs).map(([name, [dtype, shape]]) => ({
			name,
			tensorName: `${name}:0`,
			dtype,
			shape,
		})),
		outputs: [],
		defaults: new Map(),
	};
}

/** MNIST's test images are 28 by 28. */
const FILES = [0, 1, 2].map((digit) => ({
	name: `${digit}.png`,
	read: () => new Uint8Array(readFileSync(`fixtures/mnist/${digit}.png`)),
}));

async function batches(
	shape: Shape,
	options: PictureOptions = {},
	dtype: DType = "float32",
	given: Readonly<Record<string, Tensor>> = {},
): Promise<Batch[]> {
	const others = Object.fromEntries(
		Object.keys(given).map((name): [string, [DType, Shape]] => [
			name,
			["float32", [-1]],
		]),
	);
	const found: Batch[] = [];
	for await (const batch of pictureBatches(
		FILES,
		signature({ ...others, x: [dtype, shape] }),
		given,
		options,
	))
		found.push(batch);
	return found;
}

const shapes = (found: readonly Batch[]) =>
	found.map(({ inputs, rows }) => [inputs.x.shape, rows]);

describe("pictureBatches()", () => {
	test("fills batches as large as is asked for", async () => {
		expect(shapes(await batches([-1, 28, 28, 1]))).toEqual([
			[[3, 28, 28, 1], 3],
		]);
		expect(shapes(await batches([-1, 8, 6, 3], { rowsAtOnce: 2 }))).toEqual([
			[[2, 8, 6, 3], 2],
			[[1, 8, 6, 3], 1],
		]);
	});

	test("fills batches as large as the input wants", async () => {
		expect(shapes(await batches([1, 28, 28, 1], { rowsAtOnce: 2 }))).toEqual(
			[1, 1, 1].map((rows) => [[rows, 28, 28, 1], rows]),
		);
		await expect(batches([2, 28, 28, 1])).rejects.toThrow(
			'cannot run 3 pictures: input "x" takes 2 at once',
		);
	});

	test("gives an input without batch one picture at a time", async () => {
		expect(shapes(await batches([28, 28, 3]))).toEqual(
			[0, 1, 2].map(() => [[28, 28, 3], undefined]),
		);
	});

	test("gives an input of strings the files as they are", async () => {
		const [{ inputs }] = await batches([-1], {}, "string");
		expect(inputs.x).toEqual({
			dtype: "string",
			shape: [3],
			data: FILES.map(({ read }) => read()),
		});
		expect(shapes(await batches([], {}, "string"))).toEqual(
			[0, 1, 2].map(() => [[], undefined]),
		);
	});

	test("puts other inputs beside the pictures", async () => {
		const other = tensor("float32", [3], Float32Array.of(1, 2, 3));
		const found = await batches([-1, 28, 28, 1], { rowsAtOnce: 2 }, "float32", {
			other,
		});
		expect(found.map(({ inputs }) => inputs.other.shape)).toEqual([[2], [1]]);
		expect(shapes(found)).toEqual([
			[[2, 28, 28, 1], 2],
			[[1, 28, 28, 1], 1],
		]);
	});

	test("asks which input is meant, where several are left", async () => {
		const two = signature({ a: ["float32", [-1]], b: ["float32", [-1]] });
		await expect(pictureBatches(FILES, two, {}, {}).next()).rejects.toThrow(
			'cannot tell which input of signature "serving_default" takes the pictures, "a", "b": give the others with --input',
		);
		await expect(
			pictureBatches(FILES, signature({}), {}, {}).next(),
		).rejects.toThrow('signature "serving_default" has no further input');
	});

	test("refuses pictures of different sizes in one batch", async () => {
		const sizes = [...FILES.slice(0, 1), dot];
		const open = signature({ x: ["float32", [-1, -1, -1, 1]] });
		await expect(pictureBatches(sizes, open, {}, {}).next()).rejects.toThrow(
			"pictures differ in size, run them with --batch-size 1: cannot join rows of shape [1,1,1] to rows of shape [28,28,1]",
		);
	});
});

/** A PNG of one grey pixel (PNG specification, chunks IHDR, IDAT, IEND). */
const dot = {
	name: "dot.png",
	read: () =>
		new Uint8Array(
			Buffer.from(
				"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
				"base64",
			),
		),
};
