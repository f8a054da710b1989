import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import {
	type Length,
	lengthsOf,
	packed,
	rankOf,
	reshaped,
	sliced,
	transposed,
} from "../graph/shape.js";
import { isList } from "../json.js";
import { integer, integers, unsupported, word } from "../settings.js";
import { channelsLast, isChannelsFirst } from "./spatial.js";

const flatten: LayerEntry = {
	mask: "ends",
	emit: ({ layer, graph, inputs: [x] }) => {
		const rank = rankOf(x);
		const spatial = Array.from(
			{ length: Math.max(0, rank - 2) },
			(_, i) => i + 2,
		);
		const last =
			isChannelsFirst(layer) && rank > 1
				? transposed(graph, x, [0, ...spatial, 1])
				: x;
		const [rows, ...rest] = lengthsOf(graph, last);
		const known = rest.every((length) => typeof length === "number");
		if (!known)
			return graph.op("Reshape", [
				last,
				packed(graph, [rows, graph.scalar("int32", -1)]),
			]);
		const size = rest.reduce(
			(product: number, length) => product * Number(length),
			1,
		);
		return reshaped(graph, last, [rows, size]);
	},
};

const reshape: LayerEntry = {
	mask: "ends",
	emit: ({ layer, graph, inputs: [x] }) => {
		const target = integers(layer, "target_shape");
		const lengths = lengthsOf(graph, x);
		const [rows, ...rest] = lengths;
		const open = target.indexOf(-1);
		const size = rest.every((length) => typeof length === "number")
			? rest.reduce((product: number, length) => product * Number(length), 1)
			: undefined;
		if (open < 0) return reshaped(graph, x, [rows, ...target]);
		const others = target.reduce(
			(product, length) => (length < 0 ? product : product * length),
			1,
		);
		if (size !== undefined && others > 0)
			return reshaped(graph, x, [
				rows,
				...target.map((length) => (length < 0 ? size / others : length)),
			]);
		return graph.op("Reshape", [x, packed(graph, [rows, ...target])]);
	},
};

const permute: LayerEntry = {
	mask: "ends",
	emit: ({ layer, graph, inputs: [x] }) =>
		transposed(graph, x, [0, ...integers(layer, "dims")]),
};

const repeatVector: LayerEntry = {
	mask: "ends",
	emit: ({ layer, graph, inputs: [x] }) =>
		graph.op("Tile", [
			graph.op("ExpandDims", [x, graph.scalar("int32", 1)]),
			graph.ints([1, integer(layer, "n"), 1]),
		]),
};

/** `1`, `[1, 2]` or `[[1, 2], [3, 4]]`: what is before and behind, axis by axis. */
function sides(
	{ layer }: LayerScope,
	name: string,
	rank: number,
): (readonly [number, number])[] {
	const value = layer.config[name];
	const plain = isList(value) ? value : new Array(rank).fill(value);
	if (rank === 1 && plain.length === 2)
		return [[Number(plain[0]), Number(plain[1])]];
	if (plain.length !== rank)
		throw unsupported(layer, `its ${name} is ${JSON.stringify(value)}`);
	return plain.map((side) =>
		isList(side)
			? [Number(side[0]), Number(side[1] ?? side[0])]
			: [Number(side), Number(side)],
	);
}

function zeroPadding(rank: number): LayerEntry {
	return {
		mask: "ends",
		emit: (scope) => {
			const { layer, graph, inputs } = scope;
			const spatial = sides(scope, "padding", rank);
			const none = [0, 0] as const;
			const all = isChannelsFirst(layer)
				? [none, none, ...spatial]
				: [none, ...spatial, none];
			return graph.op("Pad", [
				inputs[0],
				graph.array("int32", [all.length, 2], all.flat()),
			]);
		},
	};
}

function cropping(rank: number): LayerEntry {
	return {
		mask: "ends",
		emit: (scope) => {
			const { layer, graph } = scope;
			const first = isChannelsFirst(layer) ? 2 : 1;
			let [x]: readonly Flow[] = scope.inputs;
			for (const [i, [before, behind]] of sides(
				scope,
				"cropping",
				rank,
			).entries())
				if (before > 0 || behind > 0)
					x = sliced(graph, x, first + i, [
						before,
						behind === 0 ? undefined : -behind,
					]);
			return x;
		},
	};
}

function upSampling(rank: number): LayerEntry {
	return {
		mask: "ends",
		emit: (scope) =>
			channelsLast(scope, scope.inputs[0], (x) => enlarged(scope, x, rank)),
	};
}

function enlarged(scope: LayerScope, x: Flow, rank: number): Flow {
	const { layer, graph } = scope;
	const size = integers(layer, "size", rank);
	const interpolation = word(layer, "interpolation", "nearest");
	if (rank !== 2) return repeated(scope, x, size);
	const lengths = lengthsOf(graph, x)
		.slice(1, 3)
		.map(
			(length, i): Length =>
				typeof length === "number"
					? length * size[i]
					: graph.op("Mul", [length, graph.scalar("int32", size[i])]),
		);
	return resized(scope, x, { interpolation, size: packed(graph, lengths) });
}

/** TensorFlow's operations of keras.ops.image.resize without antialiasing; all but cubic lie between pixels' centres. */
const RESIZE: Readonly<Record<string, string>> = {
	nearest: "ResizeNearestNeighbor",
	bilinear: "ResizeBilinear",
	bicubic: "ResizeBicubic",
	area: "ResizeArea",
};

export function resized(
	{ layer, graph }: LayerScope,
	x: Flow,
	{
		interpolation,
		size,
	}: { readonly interpolation: string; readonly size: Flow },
): Flow {
	const op = RESIZE[interpolation];
	if (op === undefined)
		throw unsupported(layer, `its interpolation is "${interpolation}"`);
	const result = graph.op(
		op,
		[x, size],
		interpolation === "area" ? {} : { half_pixel_centers: true },
	);
	// all but the nearest pixel are computed in 32 bits
	return graph.cast(result, x.dtype);
}

/** Every element several times along each axis. */
function repeated(
	{ graph }: LayerScope,
	input: Flow,
	counts: readonly number[],
): Flow {
	let x = input;
	for (const [i, count] of counts.entries()) {
		if (count === 1) continue;
		const axis = i + 1;
		const lengths = lengthsOf(graph, x);
		const wide = graph.op("ExpandDims", [x, graph.scalar("int32", axis + 1)]);
		const many = graph.op("Tile", [
			wide,
			graph.ints(
				Array.from({ length: lengths.length + 1 }, (_, k) =>
					k === axis + 1 ? count : 1,
				),
			),
		]);
		x = reshaped(
			graph,
			many,
			lengths.map(
				(length, k): Length =>
					k !== axis
						? length
						: typeof length === "number"
							? length * count
							: graph.op("Mul", [length, graph.scalar("int32", count)]),
			),
		);
	}
	return x;
}

export const RESHAPING_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Flatten: flatten,
	Reshape: reshape,
	Permute: permute,
	RepeatVector: repeatVector,
	ZeroPadding1D: zeroPadding(1),
	ZeroPadding2D: zeroPadding(2),
	ZeroPadding3D: zeroPadding(3),
	Cropping1D: cropping(1),
	Cropping2D: cropping(2),
	Cropping3D: cropping(3),
	UpSampling1D: upSampling(1),
	UpSampling2D: upSampling(2),
	UpSampling3D: upSampling(3),
};
