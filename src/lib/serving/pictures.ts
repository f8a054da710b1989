import type { Tensors } from "../engines/engine.js";
import { fail, MlshipError } from "../errors.js";
import { quoted } from "../nearest.js";
import type { Signature, SignaturePort } from "../savedmodel/signature.js";
import {
	defaultScale,
	type PixelScale,
	pictureLayout,
	readPicture,
} from "../tensor/image.js";
import { asRow, joinRows } from "../tensor/rows.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Batch, batchesOf, fixedRows } from "./batches.js";

/** A picture by name, read when its turn comes. */
export interface PictureFile {
	readonly name: string;
	read(): Uint8Array;
}

export interface PictureOptions {
	/** Pictures that run at once, where the input leaves it open. */
	readonly rowsAtOnce?: number | undefined;
	readonly pixels?: PixelScale | undefined;
}

/**
 * Batches of pictures for the one input that `given` leaves open, decoded as they are asked for. An input of strings
 * takes the files as they are. Fails with INVALID where no input, or more than one, is left for pictures.
 */
export async function* pictureBatches(
	files: readonly PictureFile[],
	signature: Signature,
	given: Tensors,
	{ rowsAtOnce, pixels }: PictureOptions,
): AsyncGenerator<Batch> {
	const port = openInput(signature, given);
	const { hasBatch, read } = readerFor(port, pixels);
	const size = hasBatch ? (fixedRows([port]) ?? rowsAtOnce ?? USUAL_BATCH) : 1;
	if (files.length % (fixedRows(hasBatch ? [port] : []) ?? 1) !== 0)
		throw fail(
			"INVALID",
			`cannot run ${files.length} pictures: input "${port.name}" takes ${size} at once`,
			{ at: { input: port.name } },
		);
	if (Object.keys(given).length > 0) {
		const pictures = await readAll(files, read);
		const inputs = { ...given, [port.name]: joinPictures(pictures) };
		yield* batchesOf(inputs, rowsAtOnce ?? Math.max(1, files.length));
		return;
	}
	for (let from = 0; from < files.length; from += size) {
		const pictures = await readAll(files.slice(from, from + size), read);
		yield hasBatch
			? {
					inputs: { [port.name]: joinPictures(pictures) },
					rows: pictures.length,
				}
			: { inputs: { [port.name]: pictures[0] }, rows: undefined };
	}
}

/** Enough to keep every core busy, and few enough to hold decoded. */
const USUAL_BATCH = 32;

function openInput({ key, inputs }: Signature, given: Tensors): SignaturePort {
	const open = inputs.filter(({ name }) => !Object.hasOwn(given, name));
	if (open.length === 1) return open[0];
	throw fail(
		"INVALID",
		open.length === 0
			? `cannot place pictures: signature "${key}" has no further input`
			: `cannot tell which input of signature "${key}" takes the pictures, ${quoted(open.map(({ name }) => name))}: give the others with --input`,
		{ at: { signature: key } },
	);
}

type ReadPicture = (bytes: Uint8Array) => Promise<Tensor>;

/** Reads one picture as one element, or as all of an input that has no batch. */
function readerFor(
	{ name, dtype, shape }: SignaturePort,
	pixels: PixelScale | undefined,
): { hasBatch: boolean; read: ReadPicture } {
	if (dtype === "string")
		return {
			hasBatch: shape === undefined || shape.length > 0,
			read: async (bytes) => ({
				dtype,
				shape: (shape ?? []).slice(1).map(() => 1),
				data: [bytes],
			}),
		};
	try {
		const layout = pictureLayout(shape);
		const scale = pixels ?? defaultScale(dtype);
		return {
			hasBatch: layout.hasBatch,
			read: (bytes) => readPicture(bytes, layout, dtype, scale),
		};
	} catch (error) {
		throw about(error, `input "${name}" takes no pictures`, { input: name });
	}
}

function readAll(
	files: readonly PictureFile[],
	read: ReadPicture,
): Promise<Tensor[]> {
	return Promise.all(
		files.map(async (file) => {
			const bytes = file.read();
			try {
				return await read(bytes);
			} catch (error) {
				throw about(error, file.name, { file: file.name });
			}
		}),
	);
}

/** An input that leaves sizes open takes pictures of one size at once. */
function joinPictures(pictures: readonly Tensor[]): Tensor {
	try {
		return joinRows(pictures.map(asRow));
	} catch (error) {
		throw about(
			error,
			"pictures differ in size, run them with --batch-size 1",
			{},
		);
	}
}

function about(
	error: unknown,
	subject: string,
	at: Readonly<Record<string, string>>,
): unknown {
	return error instanceof MlshipError
		? fail(error.code, `${subject}: ${error.message}`, { at, cause: error })
		: error;
}
