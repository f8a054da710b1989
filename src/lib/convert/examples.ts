import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { readWhole, statPath } from "../formats/file.js";
import type { Program } from "../graph/ir.js";
import type { Signature } from "../savedmodel/signature.js";
import { checkInputs } from "../serving/predict.js";
import { readTensorFile } from "../tensor/file.js";
import { defaultScale, pictureLayout, readPicture } from "../tensor/image.js";
import { decodePredictRequest } from "../tensor/json/decode.js";
import type { Tensor, Tensors } from "../tensor/tensor.js";

/** What examples are for, as errors say it. */
export type Purpose = "calibrate" | "compare answers";

const MAX_BYTES = 2 ** 31 - 1;

/**
 * Inputs of a program, one set a run: an npz of arrays by name, an npy for the only input, a predict body of TensorFlow Serving's
 * REST (`.json`), one a line (`.jsonl`), or a folder of pictures for the only input. Fails with INVALID where there are none,
 * or none that fit.
 */
export async function readExamples(
	program: Program,
	path: string,
	purpose: Purpose,
): Promise<readonly Tensors[]> {
	const refuse = (reason: string) =>
		fail("INVALID", `cannot ${purpose} with ${path}: ${reason}`, {
			at: { file: path },
		});
	if (statPath(path)?.isDirectory()) return pictures(program, path, refuse);
	const bytes = readWhole(path, MAX_BYTES);
	const read = READERS[extname(path).toLowerCase()] ?? arrays;
	const found = named(path, purpose, () => read(program, bytes, refuse));
	const tensors = found.flatMap((inputs) => Object.values(inputs));
	if (purpose === "calibrate" && tensors.length > 0) {
		if (tensors.every(({ shape }) => shape.includes(0)))
			throw refuse("it has no rows");
		if (tensors.some(hasNoNumbers))
			throw refuse("it has elements that are no numbers");
	}
	return found;
}

function hasNoNumbers({ data }: Tensor): boolean {
	return data instanceof Float32Array && data.some(Number.isNaN);
}

/** What is wrong with the bytes of a file names it. */
function named<T>(path: string, purpose: Purpose, read: () => T): T {
	try {
		return read();
	} catch (error) {
		const { code, message, hint, at } = asMlshipError(error);
		if (message.includes(path)) throw error;
		throw fail(code, `cannot ${purpose} with ${path}: ${plainly(message)}`, {
			...(hint === undefined ? {} : { hint }),
			at: { file: path, ...at },
			cause: error,
		});
	}
}

function plainly(message: string): string {
	return message.replace(/^cannot run signature "[^"]*": /, "");
}

type Refuse = (reason: string) => MlshipError;

type Reader = (
	program: Program,
	bytes: Uint8Array,
	refuse: Refuse,
) => readonly Tensors[];

const READERS: Readonly<Record<string, Reader | undefined>> = {
	".json": (program, bytes) => [body(program, bytes)],
	".jsonl": bodies,
};

function arrays(program: Program, bytes: Uint8Array): readonly Tensors[] {
	const signature = signatureOf(program);
	const inputs = Object.fromEntries(
		signature.inputs.map((port) => [
			port.name,
			readTensorFile(bytes, port, signature),
		]),
	);
	return [fitting(program, inputs)];
}

function bodies(
	program: Program,
	bytes: Uint8Array,
	refuse: Refuse,
): readonly Tensors[] {
	const lines = Buffer.from(bytes).toString().split("\n");
	const found = lines.flatMap((line, i): Tensors[] => {
		if (line.trim() === "") return [];
		try {
			return [body(program, Buffer.from(line))];
		} catch (error) {
			throw refuse(`line ${i + 1}: ${plainly(asMlshipError(error).message)}`);
		}
	});
	if (found.length === 0) throw refuse("it has no requests");
	return found;
}

function body(program: Program, bytes: Uint8Array): Tensors {
	const signature = signatureOf(program);
	const { tensors } = decodePredictRequest(bytes, () => signature);
	return fitting(program, tensors);
}

/** Fails with INVALID for other shapes or types than the program takes. */
function fitting(program: Program, inputs: Tensors): Tensors {
	checkInputs(program.signature, program.inputs, inputs);
	return inputs;
}

const PICTURE = /\.(png|jpe?g|webp|gif|avif|tiff?|bmp)$/i;

async function pictures(
	program: Program,
	folder: string,
	refuse: Refuse,
): Promise<readonly Tensors[]> {
	const [port, ...others] = program.inputs;
	if (port === undefined || others.length > 0)
		throw refuse("pictures are for models with one input");
	const names = readdirSync(folder)
		.filter((name) => PICTURE.test(name))
		.sort();
	if (names.length === 0) throw refuse("it has no pictures");
	const layout = pictureLayout(port.shape);
	const read: Tensors[] = [];
	for (const name of names) {
		const picture = await readPicture(
			readWhole(join(folder, name), MAX_BYTES),
			layout,
			port.dtype,
			defaultScale(port.dtype),
		);
		const shape = layout.hasBatch ? [1, ...picture.shape] : picture.shape;
		read.push({ [port.name]: { ...picture, shape } });
	}
	return read;
}

function signatureOf(program: Program): Signature {
	const ports = program.inputs.map(({ name, dtype, shape }) => ({
		name,
		tensorName: name,
		dtype,
		shape,
	}));
	return {
		key: program.signature,
		methodName: "",
		inputs: ports,
		outputs: [],
		defaults: new Map(),
	};
}
