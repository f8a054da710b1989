import { asMlshipError, fail } from "../../errors.js";
import type { Port, Program } from "../../graph/ir.js";
import { convertTensor } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
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
	/** Of inputs of any rank; 1 without it. */
	readonly rank?: number;
}

const TRIALS: readonly Trial[] = [
	{ sizes: [4, 16, 16], below: 100 },
	{ sizes: [2, 64, 64], below: 10 },
	{ sizes: [2, 16, 16], below: 2 },
	{ sizes: [1, 224, 224], below: 2 },
	{ sizes: [1, 1, 1], below: 1 },
	{ sizes: [4, 4, 4], below: 1 },
	{ sizes: [4, 16, 16], below: 2, rank: 0 },
	{ sizes: [4, 16, 16], below: 2, rank: 2 },
	{ sizes: [2, 16, 16, 3], below: 2, rank: 4 },
];

/** What a program answers to inputs. */
export interface Answered {
	readonly inputs: Tensors;
	readonly outputs: Tensors;
}

/**
 * Random inputs of the shapes that a signature takes, the same each time, with the answers of `run`: where the batch is open, once
 * more with a batch of one. Fails with INVALID where the source takes none of them.
 */
export async function askRandomly(
	program: Program,
	run: Run,
): Promise<readonly Answered[]> {
	const bounds = indexBounds(program);
	const ask = async (trial: Trial): Promise<Answered> => {
		const inputs = randomInputs(program, trial, bounds);
		return { inputs, outputs: await run(inputs) };
	};
	const first = await firstTaken(TRIALS, ask);
	if ("refusal" in first)
		throw fail(
			"INVALID",
			`cannot verify the model on random inputs: ${asMlshipError(first.refusal).message}`,
			{
				hint: "give inputs with --data FILE.npz, or --no-verify",
				cause: first.refusal,
			},
		);
	const { trial, answered } = first;
	const isOpen = program.inputs.some(({ shape }) => (shape?.[0] ?? 0) < 0);
	if (!isOpen || trial.sizes[0] === 1) return [answered];
	const alone = { ...trial, sizes: [1, ...trial.sizes.slice(1)] };
	const second = await firstTaken([alone], ask);
	return "refusal" in second ? [answered] : [answered, second.answered];
}

/** The first trial that is answered, or why the first one is not. */
async function firstTaken(
	trials: readonly Trial[],
	ask: (trial: Trial) => Promise<Answered>,
): Promise<
	| { readonly trial: Trial; readonly answered: Answered }
	| { readonly refusal: unknown }
> {
	let refusal: unknown;
	for (const trial of trials) {
		try {
			return { trial, answered: await ask(trial) };
		} catch (error) {
			refusal ??= error;
		}
	}
	return { refusal };
}

function randomInputs(
	{ inputs }: Program,
	trial: Trial,
	bounds: ReadonlyMap<string, number>,
): Tensors {
	const next = randomNumbers();
	return Object.fromEntries(
		inputs.map((port) => [
			port.name,
			randomTensor(port, trial, bounds.get(port.name), next),
		]),
	);
}

function randomTensor(
	{ dtype, shape }: Port,
	{ sizes, below, rank = 1 }: Trial,
	rows: number | undefined,
	next: () => number,
): Tensor {
	const full = (shape ?? new Array<number>(rank).fill(-1)).map((size, axis) =>
		size >= 0 ? size : sizes[Math.min(axis, sizes.length - 1)],
	);
	const { kind, lanes, array } = DTYPES[dtype];
	const length = elementCount(full) * lanes;
	if (kind === "string")
		return {
			dtype,
			shape: full,
			data: Array.from({ length }, () => word(next)),
		};
	const draw = DRAWS[kind];
	if (draw === undefined)
		throw fail("INVALID", `cannot draw random numbers of type ${dtype}`);
	const usual = dtype === "uint8" && full.length === 4 ? 256 : below;
	const most = rows ?? usual;
	const numbers = Float64Array.from({ length }, () => draw(next(), most));
	if (kind === "complex")
		return {
			dtype,
			shape: full,
			data: new (array as Float32ArrayConstructor)(numbers),
		};
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
	complex: (number) => 2 * number - 1,
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
