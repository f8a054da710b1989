import { loadProgram } from "../engines/index.js";
import { inferTypes } from "../graph/infer.js";
import type { Port, Program, ValueName } from "../graph/ir.js";
import { concat, sliceAxes, wholeRange } from "../tensor/axis.js";
import type { Tensor, Tensors } from "../tensor/tensor.js";
import { copied } from "./verify/reference.js";

/** The least and the largest number that a value had. */
export interface ValueRange {
	readonly min: number;
	readonly max: number;
}

/** How many rows are run at once. */
const ROWS = 32;

/** Runs a program and keeps what numbers all its values of float32 had, the inputs among them. */
export async function valueRanges(
	program: Program,
	inputs: readonly Tensors[],
): Promise<ReadonlyMap<ValueName, ValueRange>> {
	const watched = withFloats(program);
	const ranges = new Map<ValueName, ValueRange>();
	const see = (value: ValueName, { data }: Tensor) =>
		ranges.set(value, widened(ranges.get(value), data as Float32Array));
	const session = await loadProgram(watched, "auto", { workers: 0 });
	try {
		for (const batch of inputs.flatMap((given) => slices(program, given))) {
			for (const { name, value, dtype } of program.inputs)
				if (dtype === "float32") see(value, batch[name]);
			const made = await session.run(copied(batch));
			for (const { name, value } of watched.outputs) see(value, made[name]);
		}
	} finally {
		await session.close();
	}
	return ranges;
}

function widened(
	known: ValueRange | undefined,
	data: Float32Array,
): ValueRange {
	let [min, max] = known === undefined ? [0, 0] : [known.min, known.max];
	for (let i = 0; i < data.length; i++) {
		const value = data[i];
		if (value < min && value > -Infinity) min = value;
		if (value > max && value < Infinity) max = value;
	}
	return { min, max };
}

/** The program with all values of float32 as outputs. */
function withFloats(program: Program): Program {
	const types = inferTypes(program);
	const outputs = program.nodes.flatMap(({ outputs: made }): Port[] =>
		made.flatMap((value) => {
			const { dtype, shape } = types.typeOf(value);
			return dtype === "float32" && types.constantOf(value) === undefined
				? [{ name: `value/${value}`, value, dtype, shape }]
				: [];
		}),
	);
	return { ...program, outputs };
}

/** Some rows of what calibrates, at once: to compare on what a model is made for. */
export function someRows(
	program: Program,
	inputs: readonly Tensors[],
): Tensors {
	const [first] = slices(program, inputs[0]);
	const isOpen = program.inputs.every(({ shape }) => (shape?.[0] ?? 0) < 0);
	const shapesOf = (given: Tensors) =>
		program.inputs.map(({ name }) => String(given[name].shape)).join(";");
	const alike = inputs
		.filter((given) => shapesOf(given) === shapesOf(inputs[0]))
		.slice(0, ROWS);
	const isSingle = program.inputs.every(
		({ name }) => inputs[0][name].shape[0] === 1,
	);
	if (!isOpen || !isSingle || alike.length === 1) return first;
	return Object.fromEntries(
		program.inputs.map(({ name }) => [
			name,
			concat(
				alike.map((given) => given[name]),
				0,
			),
		]),
	);
}

/** Rows in portions: as many as the program takes, or a few where it leaves that open. */
function slices({ inputs }: Program, given: Tensors): readonly Tensors[] {
	const rows = Math.min(...inputs.map(({ name }) => given[name].shape[0] ?? 0));
	const fixed = inputs[0]?.shape?.[0] ?? -1;
	const step = fixed > 0 ? fixed : ROWS;
	const isBatched = inputs.every(
		({ name, shape }) =>
			given[name].shape[0] === rows &&
			((shape?.[0] ?? -1) < 0 || shape?.[0] === step),
	);
	if (!isBatched || rows <= step) return [given];
	const count = fixed > 0 ? Math.floor(rows / step) : Math.ceil(rows / step);
	return Array.from({ length: count }, (_, i) =>
		Object.fromEntries(
			inputs.map(({ name }) => [
				name,
				sliceAxes(given[name], [
					{
						start: i * step,
						count: Math.min(step, rows - i * step),
						step: 1,
					},
					...given[name].shape.slice(1).map(wholeRange),
				]),
			]),
		),
	);
}
