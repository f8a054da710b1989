import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Node, ValueName } from "../../graph/ir.js";
import { heldConstant } from "../../tensor/constant.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { type Pass, type Replacement, rewrite } from "../pass.js";

/**
 * Rows or columns of pictures that are repeated as numpy's `repeat` does (ExpandDims, Tile, Reshape: how Keras enlarges
 * pictures) become one resize to the nearest pixel, which can stay in the layout of the convolutions around it.
 */
export const fuseRepeats: Pass = (program) => {
	const types = inferTypes(program);
	const makers = new Map(
		program.nodes.flatMap((node) =>
			node.outputs.map((output) => [output, node] as const),
		),
	);
	const enlarged = new Map<ValueName, Enlargement>();
	return rewrite(program, (node) => {
		const found = repeatOf(node, makers, types);
		if (found === undefined) return undefined;
		// the picture may be enlarged along its other axis already
		const picture = enlarged.get(found.picture)?.picture ?? found.picture;
		const enlargement = { picture, size: found.size };
		enlarged.set(node.outputs[0], enlargement);
		return resize(node, enlargement, types);
	});
};

interface Enlargement {
	readonly picture: ValueName;
	readonly size: readonly number[];
}

/** What a Reshape enlarges, if it ends such a chain and all sizes but the batch are known. */
function repeatOf(
	reshape: Node,
	makers: ReadonlyMap<ValueName, Node>,
	types: GraphTypes,
): Enlargement | undefined {
	const tile = makerOf("Tile", reshape, "Reshape", makers);
	const expand = tile && makerOf("ExpandDims", tile, "Tile", makers);
	if (tile === undefined || expand === undefined) return undefined;
	const [picture] = expand.inputs;
	const from = types.typeOf(picture).shape;
	const to = types.typeOf(reshape.outputs[0]).shape;
	const axis = numbersOf(types, expand.inputs[1])?.[0];
	const multiples = numbersOf(types, tile.inputs[1]);
	if (from?.length !== 4 || to?.length !== 4 || !axis || !multiples)
		return undefined;
	const repeated = (axis < 0 ? axis + 5 : axis) - 1;
	const isRepeat =
		(repeated === 1 || repeated === 2) &&
		multiples.every((count, i) => count === 1 || i === repeated + 1) &&
		[1, 2, 3].every(
			(i) =>
				from[i] >= 0 &&
				to[i] === from[i] * (i === repeated ? multiples[repeated + 1] : 1),
		);
	return isRepeat ? { picture, size: to.slice(1, 3) } : undefined;
}

/** The node of op `wanted` that makes input 0 of a node of op `op`. */
function makerOf(
	wanted: string,
	node: Node,
	op: string,
	makers: ReadonlyMap<ValueName, Node>,
): Node | undefined {
	const maker = node.op === op ? makers.get(node.inputs[0]) : undefined;
	return maker?.op === wanted ? maker : undefined;
}

function numbersOf(
	types: GraphTypes,
	value: ValueName,
): readonly number[] | undefined {
	const tensor = types.constant(value);
	return (
		tensor && Array.from(tensor.data as ArrayLike<number | bigint>, Number)
	);
}

/** With half pixels, each old pixel is the nearest to exactly as many new ones, whatever the rounding. */
function resize(
	node: Node,
	{ picture, size }: Enlargement,
	types: GraphTypes,
): Replacement {
	const tensor = tensorFromNumbers("int32", [2], size);
	const value = heldConstant(tensor);
	const sizes: Node = {
		name: `${node.name}/size`,
		op: "Const",
		inputs: [],
		outputs: [`${node.name}/size:0`],
		attrs: { dtype: "int32", value },
	};
	const resized: Node = {
		...node,
		op: "ResizeNearestNeighbor",
		inputs: [picture, sizes.outputs[0]],
		attrs: {
			T: types.typeOf(picture).dtype,
			align_corners: false,
			half_pixel_centers: true,
		},
	};
	return { nodes: [sizes, resized] };
}
