import {
	copyFileSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	BundleEntryProtoSchema,
	BundleHeaderProto_Endianness,
	BundleHeaderProtoSchema,
} from "../../../src/gen/checkpoint_pb.js";
import { DataType } from "../../../src/gen/tensor_pb.js";
import { openBundle } from "../../../src/lib/savedmodel/bundle.js";
import { makeTable } from "../../table.js";

type HeaderInit = MessageInitShape<typeof BundleHeaderProtoSchema>;
type EntryInit = MessageInitShape<typeof BundleEntryProtoSchema>;

/** Written by TensorFlow: fixtures/formats.py. */
const FOLDER = "fixtures/bundles";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

describe("a bundle with a tensor of every type", () => {
	const bundle = openBundle(FOLDER, "every_dtype");
	const whole = [0, 1, 2, 3, 100, 127];

	test.each([
		["float32", Float32Array.from(whole)],
		["float64", Float64Array.from(whole)],
		["int32", Int32Array.from(whole)],
		["uint8", Uint8Array.from(whole)],
		["int16", Int16Array.from(whole)],
		["int8", Int8Array.from(whole)],
		["int64", BigInt64Array.from(whole.map(BigInt))],
		["uint16", Uint16Array.from(whole)],
		["uint32", Uint32Array.from(whole)],
		["uint64", BigUint64Array.from(whole.map(BigInt))],
		// IEEE 754 half: 1 = 0x3c00, 2 = 0x4000, 3 = 0x4200, 100 = 0x5640, 127 = 0x57f0
		["float16", Uint16Array.of(0, 0x3c00, 0x4000, 0x4200, 0x5640, 0x57f0)],
		// the upper half of float32: 1 = 0x3f80, 2 = 0x4000, 3 = 0x4040, 100 = 0x42c8, 127 = 0x42fe
		["bfloat16", Uint16Array.of(0, 0x3f80, 0x4000, 0x4040, 0x42c8, 0x42fe)],
	])("reads %s", (key, data) => {
		expect(bundle.read(key)).toEqual({ dtype: key, shape: [2, 3], data });
	});

	test("reads bools, complex numbers, scalars and tensors without elements", () => {
		expect(bundle.read("bool").data).toEqual(Uint8Array.of(1, 0, 1));
		expect(bundle.read("complex64").data).toEqual(
			Float32Array.of(1, 2, -0, -3.5),
		);
		expect(bundle.read("complex128").data).toEqual(
			Float64Array.of(1, 2, -0, -3.5),
		);
		expect(bundle.read("scalar")).toMatchObject({
			shape: [],
			data: Float32Array.of(7.5),
		});
		expect(bundle.read("empty")).toMatchObject({
			shape: [0, 4],
			data: new Float32Array(0),
		});
	});

	test("reads strings as bytes", () => {
		expect(bundle.read("string")).toEqual({
			dtype: "string",
			shape: [2, 2],
			data: ["", "a", "\x00\xff", "Ã¼".repeat(200)].map((text) =>
				Uint8Array.from(Buffer.from(text, "latin1")),
			),
		});
	});

	test("lists what it cannot read, and says so when it is asked to", () => {
		expect(bundle.entries.get("variant")).toMatchObject({
			dtype: "variant",
			typeName: "DT_VARIANT",
		});
		expect(bundle.entries.get("int4")).toMatchObject({
			dtype: undefined,
			typeName: "DT_INT4",
			shape: [3],
		});
		for (const key of ["variant", "int4", "float8"])
			expect(() => bundle.read(key)).toThrow(
				expect.objectContaining({ code: "UNSUPPORTED" }),
			);
	});

	test("offers the nearest keys for a wrong one", () => {
		expect(() => bundle.read("float23")).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: expect.stringContaining(
					'cannot find "float23" in fixtures/bundles/every_dtype.index: nearest are "float16", "float32"',
				),
			}),
		);
	});
});

describe("a bundle of partitioned tensors in two shards", () => {
	const bundle = openBundle(FOLDER, "slices");
	const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

	test("puts rows, columns and unequal pieces together", () => {
		for (const key of ["rows", "columns"])
			expect(bundle.read(key)).toEqual({
				dtype: "float32",
				shape: [5, 4, 3],
				data: Float32Array.from(upTo(60)),
			});
		expect(bundle.read("wide").data).toEqual(Int32Array.from(upTo(300)));
	});

	test("puts strings together", () => {
		expect(
			(bundle.read("text").data as Uint8Array[]).map((value) =>
				Buffer.from(value).toString(),
			),
		).toEqual(upTo(6).map((i) => `s${i}`.repeat(i + 1)));
	});

	test("reads a stored slice, a part of one, and parts of several", () => {
		const all = { start: 0, length: 4 };
		const last = { start: 0, length: 3 };
		const region = (start: number, length: number) =>
			bundle.read("rows", [{ start, length }, all, last]);
		expect(region(2, 3).data).toEqual(Float32Array.from(upTo(60).slice(24)));
		expect(region(3, 1)).toMatchObject({
			shape: [1, 4, 3],
			data: Float32Array.from(upTo(60).slice(36, 48)),
		});
		expect(region(1, 2).data).toEqual(
			Float32Array.from(upTo(60).slice(12, 36)),
		);
		// rows 1 and 2, columns 0 and 1, last elements of each: 12 r + 3 c + 2
		expect(
			bundle.read("columns", [
				{ start: 1, length: 2 },
				{ start: 0, length: 2 },
				{ start: 2, length: 1 },
			]),
		).toMatchObject({
			shape: [2, 2, 1],
			data: Float32Array.of(14, 17, 26, 29),
		});
	});

	test("knows its shards and how long they must be", () => {
		expect(bundle.shards).toEqual(
			[0, 1].map((i) => {
				const path = `fixtures/bundles/slices.data-0000${i}-of-00002`;
				return { path, byteLength: readFileSync(path).length };
			}),
		);
	});

	test("fails with CORRUPT for a region beyond the tensor", () => {
		expect(() => bundle.read("plain", [{ start: 0, length: 1 }])).toThrow(
			expect.objectContaining({ code: "CORRUPT" }),
		);
		expect(() =>
			bundle.read("wide", [
				{ start: 0, length: 1 },
				{ start: 250, length: 100 },
			]),
		).toThrow(
			'cannot read "wide" of fixtures/bundles/slices: 100 elements were wanted, its slices have 50 of them',
		);
	});
});

describe("a broken bundle", () => {
	/** Copies the bundle `slices`; what is given for a file's name changes its bytes, or removes it. */
	function damaged(
		suffix: string,
		change: (bytes: Buffer) => Uint8Array | undefined,
	) {
		for (const part of [
			"index",
			"data-00000-of-00002",
			"data-00001-of-00002",
		]) {
			const name = `slices.${part}`;
			const bytes =
				part === suffix ? change(readFileSync(join(FOLDER, name))) : undefined;
			if (bytes !== undefined) writeFileSync(join(folder, name), bytes);
			else if (part !== suffix)
				copyFileSync(join(FOLDER, name), join(folder, name));
		}
		return () => openBundle(folder, "slices").read("rows");
	}

	test("without its index is not found", () => {
		expect(damaged("index", () => undefined)).toThrow(
			expect.objectContaining({ code: "NOT_FOUND" }),
		);
	});

	test("without a shard opens, and fails when that shard is read", () => {
		const read = damaged("data-00001-of-00002", () => undefined);
		expect(read).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: expect.stringContaining("slices.data-00001-of-00002"),
			}),
		);
		expect(openBundle(folder, "slices").read("plain").data[0]).toBe(2.5);
	});

	test("with a short shard is CORRUPT, with both numbers", () => {
		expect(
			damaged("data-00001-of-00002", (bytes) => bytes.subarray(0, 100)),
		).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: expect.stringMatching(
					/slices\.data-00001-of-00002: \d+ bytes at \d+ were wanted, it has 100$/,
				),
			}),
		);
	});

	test("with a flipped bit is CORRUPT", () => {
		expect(
			damaged("data-00000-of-00002", (bytes) => {
				const flipped = Buffer.from(bytes);
				for (let i = 0; i < flipped.length; i += 8) flipped[i] ^= 1;
				return flipped;
			}),
		).toThrow(/cannot read "rows" of .*: its bytes differ from their checksum/);
	});

	test.each([
		["has no header", undefined, {}, "it has no bundle header"],
		["counts no shards", { numShards: 0 }, {}, "it counts 0 shards"],
		[
			"is in a shard that does not exist",
			{},
			{ shardId: 1 },
			"a tensor is in shard 1 of 1",
		],
		[
			"has a negative dimension",
			{},
			{ shape: { dim: [{ size: -1n }] } },
			"a tensor has the shape [-1]",
		],
		[
			"has another size than its shape",
			{},
			{ size: 5n },
			"a tensor of 1 elements has 5 bytes, they take 4",
		],
		[
			"starts before the shard",
			{},
			{ offset: -1n },
			"a tensor has 4 bytes at -1",
		],
		[
			"has more elements than anything real",
			{},
			{ shape: { dim: [{ size: 2n ** 41n }] } },
			"cannot use shape [2199023255552]: more than 2^40 elements",
		],
		[
			"has slices that are not stored",
			{},
			{ slices: [{ extent: [] }] },
			'a slice of "w" is missing or does not fit into []',
		],
	] as [string, HeaderInit | undefined, EntryInit, string][])(
		"whose index %s is CORRUPT",
		(_, header, entry, reason) => {
			writeIndex(header, entry);
			expect(() => openBundle(folder)).toThrow(
				expect.objectContaining({
					code: "CORRUPT",
					message: `cannot read ${join(folder, "variables.index")}: ${reason}`,
				}),
			);
		},
	);

	test.each([
		[
			"a big-endian machine",
			{ endianness: BundleHeaderProto_Endianness.BIG },
			"it was written on a big-endian machine",
		],
		[
			"a newer TensorFlow",
			{ version: { minConsumer: 2 } },
			"it needs a reader of version 2, mlship knows 1",
		],
	])("of %s is UNSUPPORTED", (_, header, reason) => {
		writeIndex(header, {});
		expect(() => openBundle(folder)).toThrow(
			expect.objectContaining({
				code: "UNSUPPORTED",
				message: expect.stringContaining(reason),
			}),
		);
	});

	/** An index of one float32 scalar `w`; without a header if that is undefined. */
	function writeIndex(header: HeaderInit | undefined, entry: EntryInit): void {
		const first = toBinary(
			BundleHeaderProtoSchema,
			create(BundleHeaderProtoSchema, { numShards: 1, ...header }),
		);
		const second = toBinary(
			BundleEntryProtoSchema,
			create(BundleEntryProtoSchema, {
				dtype: DataType.DT_FLOAT,
				size: 4n,
				...entry,
			}),
		);
		writeFileSync(
			join(folder, "variables.index"),
			makeTable([
				[
					...(header === undefined ? [] : [[Buffer.of(), first] as const]),
					[Buffer.from("w"), second],
				],
			]),
		);
	}
});
