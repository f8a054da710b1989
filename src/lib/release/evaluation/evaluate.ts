import { fail } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
	type SignaturePort,
} from "../../savedmodel/signature.js";
import { fixedRows } from "../../serving/batches.js";
import { type LoadedVersion, loadModel } from "../../serving/load.js";
import { predict } from "../../serving/predict.js";
import { convertTensor, numbersOf } from "../../tensor/convert.js";
import { DTYPES } from "../../tensor/dtype.js";
import { defaultScale, type PixelScale } from "../../tensor/image.js";
import { joinRows, sliceRows } from "../../tensor/rows.js";
import {
	elementCount,
	type Shape,
	showShape,
	type Tensor,
	type Tensors,
} from "../../tensor/tensor.js";
import { type Dataset, ONLY_INPUT } from "./dataset.js";
import type { Metric } from "./metrics.js";

export interface EvaluateOptions {
	readonly metric: Metric;
	/** What pixels 0 to 255 become; by the input's type without. */
	readonly scale?: PixelScale | undefined;
	readonly signature?: string | undefined;
	readonly output?: string | undefined;
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string | undefined;
}

/** How good a version's answers are. Fails with INVALID where it does not take the data, and as `loadModel` does. */
export async function evaluateVersion(
	dir: string,
	dataset: Dataset,
	options: EvaluateOptions,
): Promise<number> {
	const { engine, signature: key = DEFAULT_SIGNATURE, metric } = options;
	const version = await loadModel(dir, {
		workers: 1,
		...(engine !== undefined && { engine }),
	});
	try {
		const signature = version.signature(key);
		const output = outputOf(signature, options.output);
		const answers = await answersOf(version, signature, output, {
			...{ dataset, scale: options.scale },
		});
		return metric.measure(answers, dataset.labels);
	} finally {
		await version.close();
	}
}

/** Named, the only one, or the only one of scores. */
function outputOf(
	{ key, outputs }: Signature,
	name: string | undefined,
): SignaturePort {
	const names = outputs.map((port) => port.name);
	if (name !== undefined) {
		const found = outputs.find((port) => port.name === name);
		if (found !== undefined) return found;
		throw fail(
			"INVALID",
			`cannot find output "${name}": signature "${key}" has ${quoted(nearest(name, names))}`,
		);
	}
	const scores = outputs.filter(({ dtype }) =>
		["float", "half"].includes(DTYPES[dtype].kind),
	);
	const [only, ...others] = outputs.length === 1 ? outputs : scores;
	if (only !== undefined && others.length === 0) return only;
	throw fail(
		"INVALID",
		`cannot tell which output to measure: signature "${key}" has ${quoted(names)}`,
		{ hint: `add --output ${names[0]}` },
	);
}

interface Data {
	readonly dataset: Dataset;
	readonly scale: PixelScale | undefined;
}

/** So many rows run at once, where a signature takes any number. */
const ROWS = 64;

async function answersOf(
	version: LoadedVersion,
	signature: Signature,
	output: SignaturePort,
	{ dataset, scale }: Data,
): Promise<Tensor> {
	const { rows } = dataset;
	const fixed = fixedRows(signature.inputs);
	const size = Math.min(fixed ?? ROWS, rows);
	if (fixed !== undefined && fixed > rows)
		throw fail(
			"INVALID",
			`cannot evaluate with ${rows} rows: the signature takes ${fixed} at once`,
		);
	const parts: Tensor[] = [];
	for (let from = 0; from < rows; from += size) {
		// the last batch goes back as far as makes it whole
		const start = Math.min(from, rows - size);
		const inputs = inputsOf(signature, dataset, start, start + size, scale);
		const answers = (await predict(version, signature.key, inputs))[
			output.name
		];
		if (answers.shape[0] !== size)
			throw fail(
				"INVALID",
				`cannot measure output "${output.name}": it has shape ${showShape(answers.shape)} for ${size} rows`,
			);
		parts.push(sliceRows(answers, from - start, size));
	}
	return joinRows(parts);
}

function inputsOf(
	{ key, inputs, defaults }: Signature,
	dataset: Dataset,
	from: number,
	to: number,
	scale: PixelScale | undefined,
): Tensors {
	const unnamed =
		dataset.inputs.get(ONLY_INPUT) ??
		(dataset.inputs.size === 1 ? [...dataset.inputs.values()][0] : undefined);
	const wanted = inputs.filter(
		({ name }) => dataset.inputs.has(name) || !defaults.has(name),
	);
	return Object.fromEntries(
		wanted.map((port) => {
			const values =
				dataset.inputs.get(port.name) ??
				(wanted.length === 1 ? unnamed : undefined);
			if (values === undefined)
				throw fail(
					"INVALID",
					`cannot evaluate: signature "${key}" wants "${port.name}", the data has ${quoted([...dataset.inputs.keys()].filter((name) => name !== ONLY_INPUT))}`,
				);
			return [port.name, asInput(sliceRows(values, from, to), port, scale)];
		}),
	);
}

/** Rows in the type and shape of an input; pixels are scaled where it takes numbers with a fraction. */
function asInput(
	rows: Tensor,
	{ name, dtype, shape }: SignaturePort,
	scale: PixelScale | undefined,
): Tensor {
	const isPicture = rows.dtype === "uint8" && rows.shape.length >= 3;
	const range = scale ?? (isPicture ? defaultScale(dtype) : undefined);
	const scaled =
		range === undefined || !isPicture ? rows : scaledTo(rows, range);
	const fitting = fitted(rows.shape, shape);
	if (fitting === undefined)
		throw fail(
			"INVALID",
			`cannot evaluate: rows of shape ${showShape(rows.shape.slice(1))} do not fit input "${name}" of shape ${showShape(shape)}`,
		);
	return { ...convertTensor(scaled, dtype), shape: fitting };
}

function scaledTo(rows: Tensor, { from, to }: PixelScale): Tensor {
	if (from === 0 && to === 255) return rows;
	const pixels = numbersOf(rows) as ArrayLike<number>;
	const data = Float32Array.from(
		pixels,
		(pixel) => from + (pixel / 255) * (to - from),
	);
	return { dtype: "float32", shape: rows.shape, data };
}

/** The input's own shape, where a row has as many elements: grey pictures lack the axis of their channel. */
function fitted(found: readonly number[], wanted: Shape): number[] | undefined {
	if (wanted === undefined) return [...found];
	const [rows, ...row] = found;
	const sizes = wanted.slice(1);
	if (wanted.length === found.length) {
		const fits = sizes.every((size, i) => size < 0 || size === row[i]);
		if (fits) return [...found];
	}
	if (sizes.every((size) => size >= 0))
		return elementCount(sizes) === elementCount(row)
			? [rows, ...sizes]
			: undefined;
	const isGrey = sizes.length === row.length + 1 && sizes.at(-1) === 1;
	return isGrey ? [...found, 1] : undefined;
}
