import {
	closeSync,
	copyFileSync,
	mkdirSync,
	openSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import {
	BundleEntryProtoSchema,
	BundleHeaderProtoSchema,
} from "../../../gen/checkpoint_pb.js";
import { TensorShapeProtoSchema } from "../../../gen/tensor_pb.js";
import { asMlshipError } from "../../errors.js";
import { maskedCrc32c } from "../../formats/crc32c.js";
import { writeTable } from "../../formats/sstable-writer.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorBytes } from "../../tensor/tensor.js";
import { openBundle } from "../bundle.js";
import { writeAll } from "./pieces.js";

/** What files of a SavedModel's variables are called. */
const VARIABLES = "variables";

/**
 * Writes tensors as TensorFlow's bundle (tensorflow/core/util/tensor_bundle), one in memory at a time: `variables.index` and
 * one file of bytes.
 */
export function writeBundle(
	folder: string,
	tensors: ReadonlyMap<string, Constant>,
): void {
	try {
		mkdirSync(folder, { recursive: true });
		const path = join(folder, VARIABLES);
		const entries = writeData(`${path}.data-00000-of-00001`, tensors);
		const header = create(BundleHeaderProtoSchema, {
			numShards: 1,
			version: { producer: 1 },
		});
		const table = writeTable([
			{
				key: new Uint8Array(0),
				value: toBinary(BundleHeaderProtoSchema, header),
			},
			...entries,
		]);
		writeFileSync(`${path}.index`, table, { flag: "wx" });
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** Copies a checkpoint's files, which have another name there. */
export function copyBundle(prefix: string, folder: string): void {
	try {
		mkdirSync(folder, { recursive: true });
		for (const { path } of openBundle(dirname(prefix), basename(prefix)).shards)
			copyFileSync(path, join(folder, VARIABLES + path.slice(prefix.length)));
		copyFileSync(`${prefix}.index`, join(folder, `${VARIABLES}.index`));
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** In the order of their names' bytes. */
function writeData(path: string, tensors: ReadonlyMap<string, Constant>) {
	const file = openSync(path, "wx");
	try {
		let offset = 0;
		return [...tensors]
			.map(([name, constant]) => ({ key: Buffer.from(name), constant }))
			.sort((a, b) => Buffer.compare(a.key, b.key))
			.map(({ key, constant }) => {
				const bytes = tensorBytes(constant.read());
				writeAll(file, bytes);
				const value = entryOf(constant, offset, bytes);
				offset += bytes.length;
				return { key, value };
			});
	} finally {
		closeSync(file);
	}
}

function entryOf(
	{ dtype, shape }: Constant,
	offset: number,
	bytes: Uint8Array,
): Uint8Array {
	const entry = create(BundleEntryProtoSchema, {
		dtype: DTYPES[dtype].tf,
		shape: create(TensorShapeProtoSchema, {
			dim: shape.map((size) => ({ size: BigInt(size) })),
		}),
		offset: BigInt(offset),
		size: BigInt(bytes.length),
		crc32c: maskedCrc32c(bytes),
	});
	return toBinary(BundleEntryProtoSchema, entry);
}
