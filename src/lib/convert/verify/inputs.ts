import { asMlshipError, fail } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import type { Port, Program } from "../../graph/ir.js";
import type { Signature } from "../../savedmodel/signature.js";
import { checkInputs } from "../../serving/predict.js";
import { convertTensor } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { readTensorFile } from "../../tensor/file.js";
import { decodePredictRequest } from "../../tensor/json/decode.js";
import {
	elementCount,
	type Tensor,
	type Tensors,
} from "../../tensor/tensor.js";
import { indexBounds } from "./indices.js";

type Run = (inputs: Tensors) => Promise<Tensors>;

/** What unknown sizes and whole numbers are tried as; the first that the source takes is taken. */
interface Trial {
	/** By axis; the last one for all further axes. */
	readonly sizes: readonly number[];
	/** Whole numbers are below it: they may be indices. */
	readonly below: number;
}

const TRIALS: readonly Trial[] = [
	{ sizes: [4, 16, 16], below: 100 },
	{ sizes: [2, 64, 64], below: 10 },
	{ sizes: [2, 16, 16], below: 2 },
	{ sizes: [1, 224, 224], below: 2 },
	{ sizes: [1, 1, 1], below: 1 },
	{ sizes: [4, 4, 4], below: 1 },
];

/** Random inputs of the shapes that a signature takes, the same each time. Fails with INVALID where the source takes none of them. */
export async function randomInputs(
	program: Program,
	run: Run,
): Promise<Tensors> {
	const bounds = indexBounds(program);
	let refusal: unknown;
	for (const trial of TRIALS) {
		const next = randomNumbers();
		const inputs = Object.fromEntries(
			program.inputs.map((port) => [
				port.name,
				randomTensor(port, trial, bounds.get(port.name), next),
			]),
		);
		try {
			await run(inputs);
			return inputs;
		} catch (error) {
			refusal ??= error;
		}
	}
	throw fail(
		"INVALID",
		`cannot verify the model on random inputs: ${asMlshipError(refusal).message}`,
		{
			hint: "give inputs with --data FILE.npz, or --no-verify",
			cause: refusal,
		},
	);
}

/** Inputs from a file: an npz of arrays by name, an npy for the only input, or a predict body of TensorFlow Serving's REST. */
export function givenInputs(program: Program, path: string): Tensors {
	const bytes = readWhole(path, MAX_BYTES);
	if (path.toLowerCase().endsWith(".json")) return bodyInputs(program, bytes);
	const signature = signatureOf(program);
	return checked(
		program,
		Object.fromEntries(
			signature.inputs.map((port) => [
				port.name,
				readTensorFile(bytes, port, signature),
			]),
		),
	);
}

/** Inputs from a predict body of TensorFlow Serving's REST. */
export function bodyInputs(program: Program, body: Uint8Array): Tensors {
	const signature = signatureOf(program);
	return checked(program, decodePredictRequest(body, () => signature).tensors);
}

function checked(program: Program, inputs: Tensors): Tensors {
	checkInputs(program.signature, program.inputs, inputs);
	return inputs;
}

function signatureOf(program: Program): Signature {
	return {
		key: program.signature,
		methodName: "",
		inputs: program.inputs.map(({ name, dtype, shape }) => ({
			name,
			tensorName: name,
			dtype,
			shape,
		})),
		outputs: [],
		defaults: new Map(),
	};
}

const MAX_BYTES = 2 ** 31 - 1;

function randomTensor(
	{ dtype, shape }: Port,
	{ sizes, below }: Trial,
	rows: number | undefined,
	next: () => number,
): Tensor {
	const full = (shape ?? [-1]).map((size, axis) =>
		size >= 0 ? size : sizes[Math.min(axis, sizes.length - 1)],
	);
	if (dtype === "string")
		return {
			dtype,
			shape: full,
			data: Array.from({ length: elementCount(full) }, () => word(next)),
		};
	const draw = DRAWS[DTYPES[dtype].kind];
	if (draw === undefined)
		throw fail("INVALID", `cannot draw random numbers of type ${dtype}`);
	const usual = dtype === "uint8" && full.length === 4 ? 256 : below;
	const most = rows ?? usual;
	const numbers = Float64Array.from({ length: elementCount(full) }, () =>
		draw(next(), most),
	);
	return convertTensor({ dtype: "float64", shape: full, data: numbers }, dtype);
}

/** A few small letters. */
function word(next: () => number): Uint8Array {
	return Uint8Array.from(
		{ length: Math.floor(next() * 6) },
		() => 97 + Math.floor(next() * 26),
	);
}

/** From a number between 0 and 1. */
const DRAWS: Readonly<
	Partial<
		Record<
			(typeof DTYPES)[DType]["kind"],
			(number: number, below: number) => number
		>
	>
> = {
	float: (number) => 2 * number - 1,
	half: (number) => 2 * number - 1,
	int: (number, below) => Math.floor(number * below),
	bigint: (number, below) => Math.floor(number * below),
	bool: (number) => Math.round(number),
};

/** Mulberry32, from a fixed seed. */
function randomNumbers(): () => number {
	let state = 42;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
