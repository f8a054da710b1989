import { fail } from "../../errors.js";
import { boolAttr, bytesAttr } from "../../graph/attrs.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { elementCount } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import type { HostKernel } from "../kernel.js";
import { textsOf } from "./text.js";

/** Texts at the same place, joined; scalars go with every place. */
export const join: HostKernel = (node, inputs) => {
	const separator = bytesAttr(node, "separator");
	const shape = inputs.find((input) => input.shape.length > 0)?.shape ?? [];
	for (const [k, input] of inputs.entries())
		if (input.shape.length > 0 && `${input.shape}` !== `${shape}`)
			throw fail(
				"INVALID",
				`cannot join texts: input ${k} has shape [${input.shape}], another [${shape}]`,
			);
	const count = elementCount(shape);
	const lists = inputs.map(textsOf);
	const data = Array.from({ length: count }, (_, i) =>
		joined(
			lists.map((texts, k) =>
				inputs[k].shape.length === 0 ? texts[0] : texts[i],
			),
			separator,
		),
	);
	return [{ dtype: "string", shape, data }];
};

/** Texts along axes joined into one: along the first axis that is given first. */
export const reduceJoin: HostKernel = (node, [x, axesTensor]) => {
	const separator = bytesAttr(node, "separator");
	const rank = x.shape.length;
	const axes = Array.from(axesTensor.data as Int32Array, (axis) =>
		normalizeAxis(axis, rank),
	);
	if (new Set(axes).size < axes.length)
		throw fail("INVALID", `cannot join along axes ${axes}: one is there twice`);
	const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
	const moved = textsOf(transpose(x, [...kept, ...axes.toReversed()]));
	const size = axes.reduce((total, axis) => total * x.shape[axis], 1);
	const count = elementCount(kept.map((axis) => x.shape[axis]));
	const data = Array.from({ length: count }, (_, i) =>
		joined(moved.slice(i * size, (i + 1) * size), separator),
	);
	const shape = boolAttr(node, "keep_dims")
		? x.shape.map((length, i) => (axes.includes(i) ? 1 : length))
		: kept.map((axis) => x.shape[axis]);
	return [{ dtype: "string", shape, data }];
};

/** Rows of texts joined by the segment that they belong to. */
export const segmentJoin: HostKernel = (node, [x, ids, segments]) => {
	const separator = bytesAttr(node, "separator");
	const count = Number(segments.data[0]);
	const inner = x.shape.slice(ids.shape.length);
	const width = elementCount(inner);
	const parts = Array.from({ length: count * width }, (): Uint8Array[] => []);
	const texts = textsOf(x);
	for (const [row, id] of (ids.data as Int32Array).entries()) {
		const segment = Number(id);
		if (segment < 0 || segment >= count)
			throw fail(
				"INVALID",
				`cannot join segments: row ${row} belongs to segment ${segment}, there are ${count}`,
			);
		for (let i = 0; i < width; i++)
			parts[segment * width + i].push(texts[row * width + i]);
	}
	return [
		{
			dtype: "string",
			shape: [count, ...inner],
			data: parts.map((list) => joined(list, separator)),
		},
	];
};

function joined(
	parts: readonly Uint8Array[],
	separator: Uint8Array,
): Uint8Array {
	const gaps = separator.length * Math.max(0, parts.length - 1);
	const size = parts.reduce((sum, part) => sum + part.length, gaps);
	const result = new Uint8Array(size);
	let at = 0;
	for (const [i, part] of parts.entries()) {
		if (i > 0) {
			result.set(separator, at);
			at += separator.length;
		}
		result.set(part, at);
		at += part.length;
	}
	return result;
}
