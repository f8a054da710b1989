import { fail, MlshipError } from "../errors.js";
import { dtypesAttr, functionAttr } from "../graph/attrs.js";
import type { Attr, Node } from "../graph/ir.js";
import { showShape } from "../tensor/tensor.js";
import type { HostRun } from "./kernel.js";
import { rowsOf, stacked } from "./list/rows.js";
import type { HostValue } from "./value.js";

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
): Promise<readonly HostValue[]> {
	if (node.attrs._rows === undefined || rows.length === 0)
		return joinedRows(node, carried, rows);
	const groups = rowsByShape(rows);
	if (groups.length === 1) return finished(node, groups[0], rows, run);
	const made = new Array<Row>(rows.length);
	for (const places of groups) {
		const outputs = (await finished(node, places, rows, run)).map(rowsOf);
		for (const [i, place] of places.entries())
			made[place] = outputs.map((each) => each[i]);
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
	rows: readonly Row[],
): readonly HostValue[] {
	return dtypesAttr(node, "T")
		.slice(carried)
		.map((dtype, i) =>
			rows.length > 0
				? column(rows, i, node)
				: stacked([], dtype, declaredRow(node, carried + i)),
		);
}

/** The shape of a row that no round gave. */
function declaredRow({ attrs }: Node, index: number): readonly number[] {
	const shapes: Attr | undefined = attrs.output_shapes;
	const declared = Array.isArray(shapes) ? shapes[index]?.dims : undefined;
	return (declared ?? []).slice(1).map((size: number) => Math.max(size, 0));
}

/** The values of one place in all rows, as the rows of one. */
function column(
	rows: readonly Row[],
	place: number,
	{ name, op }: Node,
): HostValue {
	const values = rows.map((row) => row[place]);
	const [{ dtype, shape }] = values;
	const stranger = values.findIndex(
		(value) => showShape(value.shape) !== showShape(shape),
	);
	if (stranger >= 0)
		throw fail(
			"INVALID",
			`cannot stack rows of different shapes: row 0 has shape ${showShape(shape)}, row ${stranger} ${showShape(values[stranger].shape)} (node "${name}", ${op})`,
			{ at: { node: name, op } },
		);
	return stacked(values, dtype, shape);
}

/** Places of the rows that have the same shapes, in order. */
function rowsByShape(rows: readonly Row[]): readonly (readonly number[])[] {
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
	rows: readonly Row[],
	run: HostRun,
): Promise<readonly HostValue[]> {
	const body = functionAttr(node, "_rows");
	const finish = (some: readonly number[]) => {
		const wanted = some.map((place) => rows[place]);
		const columns = wanted[0].map((_, i) => column(wanted, i, node));
		return run.call(body, columns);
	};
	try {
		return await finish(places);
	} catch (error) {
		for (const place of places)
			await finish([place]).catch((refused: unknown) => {
				throw inRound(refused, place, node);
			});
		throw error;
	}
}
