import { fail, MlshipError } from "../errors.js";
import { dtypesAttr, functionAttr } from "../graph/attrs.js";
import type { Attr, Node } from "../graph/ir.js";
import { DTYPES } from "../tensor/dtype.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
	type TensorData,
} from "../tensor/tensor.js";
import type { HostRun } from "./kernel.js";
import { type HostValue, tensorOf } from "./value.js";

/** What a round of a loop gave besides what it carries. */
export type Row = readonly HostValue[];

/**
 * The outputs of a loop that are made of its rows, one after the other, the rounds on a new first axis. Where another body
 * finishes rows (`_rows`), it is given all those of one shape at once.
 */
export async function stackedRows(
	node: Node,
	carried: number,
	rows: readonly Row[],
	run: HostRun,
): Promise<readonly Tensor[]> {
	const tensors = rows.map((row) => row.map(tensorOf));
	if (node.attrs._rows === undefined || rows.length === 0)
		return joinedRows(node, carried, tensors);
	const groups = rowsByShape(tensors);
	if (groups.length === 1) return finished(node, groups[0], tensors, run);
	const made = new Array<readonly Tensor[]>(rows.length);
	for (const places of groups) {
		const outputs = await finished(node, places, tensors, run);
		for (const [i, place] of places.entries())
			made[place] = outputs.map((output) => rowAt(output, i));
	}
	return joinedRows(node, carried, made);
}

/** A loop over rows (map_fn) stops at the row that its body refuses: the caller is told which. */
export function inRound(
	error: unknown,
	round: number,
	{ name, op }: Node,
): unknown {
	if (!(error instanceof MlshipError) || error.code !== "INVALID") return error;
	return fail("INVALID", `${error.message}, at row ${round} of the loop`, {
		cause: error,
		at: { node: name, op },
	});
}

function joinedRows(
	node: Node,
	carried: number,
	rows: readonly (readonly Tensor[])[],
): readonly Tensor[] {
	return dtypesAttr(node, "T")
		.slice(carried)
		.map((dtype, i) => {
			const tensors = rows.map((row) => row[i]);
			if (tensors.length > 0) return stacked(tensors, node);
			const shape = [0, ...declaredRow(node, carried + i)];
			return { dtype, shape, data: allocate(dtype, 0) };
		});
}

/** The shape of a row that no round gave. */
function declaredRow({ attrs }: Node, index: number): readonly number[] {
	const shapes: Attr | undefined = attrs.output_shapes;
	const declared = Array.isArray(shapes) ? shapes[index]?.dims : undefined;
	return (declared ?? []).slice(1).map((size: number) => Math.max(size, 0));
}

/** Tensors of one shape as the rows of one. */
function stacked(tensors: readonly Tensor[], { name, op }: Node): Tensor {
	const [{ dtype, shape }] = tensors;
	const width = elementCount(shape) * DTYPES[dtype].lanes;
	const data = allocate(dtype, tensors.length * elementCount(shape));
	for (const [i, tensor] of tensors.entries()) {
		if (showShape(tensor.shape) !== showShape(shape))
			throw fail(
				"INVALID",
				`cannot stack rows of different shapes: row 0 has shape ${showShape(shape)}, row ${i} ${showShape(tensor.shape)} (node "${name}", ${op})`,
				{ at: { node: name, op } },
			);
		put(tensor.data, data, i * width);
	}
	return { dtype, shape: [tensors.length, ...shape], data };
}

function put(from: TensorData, into: TensorData, at: number): void {
	if (ArrayBuffer.isView(into))
		(into as Uint8Array).set(from as Uint8Array, at);
	else
		for (let i = 0; i < from.length; i++)
			(into as Uint8Array[])[at + i] = (from as readonly Uint8Array[])[i];
}

/** Places of the rows that have the same shapes, in order. */
function rowsByShape(
	rows: readonly (readonly Tensor[])[],
): readonly (readonly number[])[] {
	const groups = new Map<string, number[]>();
	for (const [place, row] of rows.entries()) {
		const key = row.map(({ shape }) => shape.join()).join(" ");
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [place]);
		else group.push(place);
	}
	return [...groups.values()];
}

/** Runs the body that finishes rows. Where it refuses, the rows are tried one by one to say which it is. */
async function finished(
	node: Node,
	places: readonly number[],
	rows: readonly (readonly Tensor[])[],
	run: HostRun,
): Promise<readonly Tensor[]> {
	const body = functionAttr(node, "_rows");
	const finish = (some: readonly number[]) => {
		const columns = rows[some[0]].map((_, i) =>
			stacked(
				some.map((place) => rows[place][i]),
				node,
			),
		);
		return run.call(body, columns);
	};
	try {
		return (await finish(places)).map(tensorOf);
	} catch (error) {
		for (const place of places)
			await finish([place]).catch((refused: unknown) => {
				throw inRound(refused, place, node);
			});
		throw error;
	}
}

function rowAt({ dtype, shape, data }: Tensor, index: number): Tensor {
	const rest = shape.slice(1);
	const width = elementCount(rest) * DTYPES[dtype].lanes;
	const start = index * width;
	const part = ArrayBuffer.isView(data)
		? (data as Uint8Array).subarray(start, start + width)
		: data.slice(start, start + width);
	return { dtype, shape: rest, data: part };
}
