import type { SessionPort, Tensors } from "../engines/engine.js";
import { fail } from "../errors.js";
import { asRow, joinRows, sliceRows } from "../tensor/rows.js";
import { showShape, type Tensor } from "../tensor/tensor.js";

/** Inputs for one run; `rows` says how the outputs are put together with those of other runs. */
export interface Batch {
	readonly inputs: Tensors;
	/** Rows of the outputs; undefined where the model knows no rows, and the outputs as a whole become one. */
	readonly rows: number | undefined;
}

/**
 * Runs batches one after another, here or elsewhere, and joins their outputs along the rows. `onRows` is told after each how many are done.
 * Fails with INVALID where outputs have other rows than inputs.
 */
export async function predictBatches(
	run: (inputs: Tensors) => Promise<Tensors>,
	batches: AsyncIterable<Batch> | Iterable<Batch>,
	onRows: (done: number) => void = () => undefined,
): Promise<Tensors> {
	const parts = new Map<string, Tensor[]>();
	let done = 0;
	for await (const { inputs, rows } of batches) {
		const outputs = await run(inputs);
		for (const [name, output] of Object.entries(outputs)) {
			const known = parts.get(name) ?? [];
			known.push(rowsOf(name, output, rows));
			parts.set(name, known);
		}
		done += rows ?? 1;
		onRows(done);
	}
	return Object.fromEntries(
		[...parts].map(([name, outputs]) => [name, joinRows(outputs)]),
	);
}

function rowsOf(
	name: string,
	output: Tensor,
	rows: number | undefined,
): Tensor {
	if (rows === undefined) return asRow(output);
	if (output.shape[0] === rows) return output;
	throw fail(
		"INVALID",
		`cannot run in batches: output "${name}" has shape ${showShape(output.shape)} for ${rows} rows`,
		{ at: { output: name } },
	);
}

/** Inputs cut into batches of `size` rows. Fails with INVALID where they have no rows, or not equally many. */
export function batchesOf(inputs: Tensors, size: number): Batch[] {
	const entries = Object.entries(inputs);
	const rows = entries.length === 0 ? 0 : (entries[0][1].shape[0] ?? -1);
	const stranger = entries.find(([, { shape }]) => shape[0] !== rows);
	if (stranger !== undefined)
		throw fail(
			"INVALID",
			`cannot run in batches of ${size}: input "${stranger[0]}" has shape ${showShape(stranger[1].shape)}, all inputs need as many rows`,
			{ at: { input: stranger[0] } },
		);
	const batches: Batch[] = [];
	for (let from = 0; from < rows; from += size) {
		const to = Math.min(from + size, rows);
		batches.push({
			inputs: Object.fromEntries(
				entries.map(([name, input]) => [name, sliceRows(input, from, to)]),
			),
			rows: to - from,
		});
	}
	return batches.length === 0 ? [{ inputs, rows }] : batches;
}

/** How many rows a signature takes at once, by its inputs' first dimensions; undefined where any number will do. */
export function fixedRows(
	ports: readonly Pick<SessionPort, "shape">[],
): number | undefined {
	return ports
		.map(({ shape }) => shape?.[0])
		.find((size) => size !== undefined && size >= 0);
}
