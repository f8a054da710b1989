import { fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { castTo, type Formula, formula } from "../formula.js";

/** Images seen through a projection of the plane, pixel by pixel (upstream's image_ops.h, ProjectiveGenerator). */
export const projectionOps = {
	ImageProjectiveTransformV2: composite((context) =>
		projected(context, context.scalar("float32", 0)),
	),
	ImageProjectiveTransformV3: composite((context) =>
		projected(context, context.inputs[3]),
	),
} as const satisfies Record<string, OpEntry>;

/** Where each new pixel lies in the old image: float32 [batch or 1, height, width]. */
interface Place {
	readonly x: ValueName;
	readonly y: ValueName;
	/** False where the projection leads to infinity. */
	readonly exists: ValueName;
}

/** The old image: its sizes, as int32 scalars, and what surrounds it. */
interface Picture {
	readonly batch: ValueName;
	readonly height: ValueName;
	readonly width: ValueName;
	readonly fill: ValueName;
}

function projected(context: ExpandContext, fill: ValueName): ValueName[] {
	const { node, types } = context;
	const { dtype } = types[0];
	const math = formula(context, "float32");
	const picture = pictureOf(context, fill);
	const place = placeOf(context, math);
	const mode = choice(BOUNDARIES, stringAttr(node, "fill_mode"));
	const bounds = [picture.width, picture.height].map((size) =>
		castTo(context, size, "int32", "float32"),
	);
	const [x, y] = [place.x, place.y].map((coordinate, i) =>
		mode(math, coordinate, bounds[i]),
	);
	const interpolate = choice(INTERPOLATIONS, stringAttr(node, "interpolation"));
	const value = interpolate(context, math, { x, y }, (row, column) =>
		pixels(context, math, picture, row, column),
	);
	const output = math.where(
		perChannel(context, place.exists, "bool"),
		value,
		picture.fill,
	);
	return [castTo(context, output, "float32", dtype)];
}

function pictureOf(context: ExpandContext, fill: ValueName): Picture {
	const { inputs, types, node, add, addMany } = context;
	const { dtype } = types[0];
	const shape = add("Shape", [inputs[0]], {
		T: node.attrs.dtype,
		out_type: "int32",
	});
	const [batch, height, width] = addMany("Unpack", [shape], 4, {
		T: "int32",
		num: 4,
		axis: 0,
	});
	// the fill value is one of the image's type
	const typed = castTo(context, fill, "float32", dtype);
	const back = castTo(context, typed, dtype, "float32");
	return { batch, height, width, fill: back };
}

/** (a·x + b·y + c) / (g·x + h·y + 1), (d·x + e·y + f) / (g·x + h·y + 1) for a transform [a … h]. */
function placeOf(context: ExpandContext, math: Formula): Place {
	const { inputs, add, addMany } = context;
	const [height, width] = addMany("Unpack", [inputs[2]], 2, {
		T: "int32",
		num: 2,
		axis: 0,
	});
	const column = counted(context, width, [1, 1, -1]);
	const row = counted(context, height, [1, -1, 1]);
	const [a, b, c, d, e, f, g, h] = addMany("Unpack", [inputs[1]], 8, {
		T: "float32",
		num: 8,
		axis: 1,
	}).map((value) => reshaped(context, value, [-1, 1, 1]));
	const linear = (p: ValueName, q: ValueName, r: ValueName | number) =>
		math.add(math.add(math.mul(p, column), math.mul(q, row)), r);
	const divisor = linear(g, h, 1);
	const infinite = math.equal(divisor, 0);
	const safe = math.where(infinite, 1, divisor);
	return {
		x: math.div(linear(a, b, c), safe),
		y: math.div(linear(d, e, f), safe),
		exists: add("LogicalNot", [infinite]),
	};
}

/** Maps a coordinate beyond the image into it. */
type Boundary = (math: Formula, at: ValueName, size: ValueName) => ValueName;

const BOUNDARIES: Readonly<Record<string, Boundary>> = {
	CONSTANT: (_, at) => at,
	NEAREST: clamped,
	// abcd → dcba|abcd|dcba
	REFLECT: (math, at, size) => {
		const { add, sub, mul, div, of, less, where } = math;
		const period = mul(size, 2);
		const turns = (x: ValueName) => mul(period, of("Floor", div(x, period)));
		const below = add(turns(of("Neg", at)), at);
		const mirrored = where(
			less(below, of("Neg", size)),
			add(below, period),
			sub(of("Neg", below), 1),
		);
		const above = sub(at, turns(at));
		const folded = where(less(above, size), above, sub(sub(period, above), 1));
		return clamped(math, outside(math, at, size, mirrored, folded), size);
	},
	// abcd → abcd|abcd|abcd, as scipy once did: the period is one less than the size
	WRAP: (math, at, size) => {
		const { add, sub, mul, div, of, max } = math;
		const period = max(sub(size, 1), 1);
		const turns = (x: ValueName) => of("Floor", div(x, period));
		const below = add(at, mul(size, add(turns(of("Neg", at)), 1)));
		const above = sub(at, mul(size, turns(at)));
		return clamped(math, outside(math, at, size, below, above), size);
	},
};

function outside(
	{ where, less, greater, sub }: Formula,
	at: ValueName,
	size: ValueName,
	below: ValueName,
	above: ValueName,
): ValueName {
	const upper = where(greater(at, sub(size, 1)), above, at);
	return where(less(at, 0), below, upper);
}

function clamped(math: Formula, at: ValueName, size: ValueName): ValueName {
	return math.max(math.min(at, math.sub(size, 1)), 0);
}

interface Coordinates {
	readonly x: ValueName;
	readonly y: ValueName;
}

type Interpolation = (
	context: ExpandContext,
	math: Formula,
	at: Coordinates,
	sample: (row: ValueName, column: ValueName) => ValueName,
) => ValueName;

const INTERPOLATIONS: Readonly<Record<string, Interpolation>> = {
	NEAREST: (_, math, { x, y }, sample) =>
		sample(roundedAway(math, y), roundedAway(math, x)),
	BILINEAR: (context, math, { x, y }, sample) => {
		const left = math.of("Floor", x);
		const top = math.of("Floor", y);
		const right = math.add(left, 1);
		const bottom = math.add(top, 1);
		const weight = (from: ValueName, to: ValueName) =>
			perChannel(context, math.sub(to, from), "float32");
		const across = (row: ValueName) =>
			math.add(
				math.mul(weight(x, right), sample(row, left)),
				math.mul(weight(left, x), sample(row, right)),
			);
		return math.add(
			math.mul(weight(y, bottom), across(top)),
			math.mul(weight(top, y), across(bottom)),
		);
	},
};

/** Halves go away from zero, as C's round has it. */
function roundedAway(math: Formula, at: ValueName): ValueName {
	const { add, sub, of } = math;
	const up = of("Floor", add(at, 0.5));
	const down = of("Ceil", sub(at, 0.5));
	return math.where(math.less(at, 0), down, up);
}

function within(
	{ add }: ExpandContext,
	math: Formula,
	at: ValueName,
	size: ValueName,
): ValueName {
	const beyond = add("LogicalOr", [
		math.less(at, 0),
		math.greater(at, math.sub(size, 1)),
	]);
	return add("LogicalNot", [beyond]);
}

/** The pixels at these rows and columns, whole numbers, as float32; the fill value outside the image. */
function pixels(
	context: ExpandContext,
	math: Formula,
	{ batch, height, width, fill }: Picture,
	row: ValueName,
	column: ValueName,
): ValueName {
	const { inputs, node, types, add } = context;
	const sizes = [height, width].map((size) =>
		castTo(context, size, "int32", "float32"),
	);
	const inside = [row, column]
		.map((at, i) => within(context, math, at, sizes[i]))
		.reduce((a, b) => add("LogicalAnd", [a, b]));
	const image = counted(context, batch, [-1, 1, 1]);
	const index = [
		image,
		...[row, column].map((at, i) => clamped(math, at, sizes[i])),
	];
	// one index a pixel of each image, also where one transform serves all
	const zero = index
		.map((at) => math.mul(at, 0))
		.reduce((a, b) => math.add(a, b));
	const indices = add(
		"Pack",
		index.map((at) => castTo(context, math.add(at, zero), "float32", "int32")),
		{ T: "int32", N: 3, axis: -1 },
	);
	const gathered = add("GatherNd", [inputs[0], indices], {
		Tparams: node.attrs.dtype,
		Tindices: "int32",
	});
	const value = castTo(context, gathered, types[0].dtype, "float32");
	return math.where(perChannel(context, inside, "bool"), value, fill);
}

/** 0, 1, … below `size`, as float32, in this shape. */
function counted(
	context: ExpandContext,
	size: ValueName,
	shape: readonly number[],
): ValueName {
	const { add, scalar } = context;
	const range = add("Range", [scalar("int32", 0), size, scalar("int32", 1)], {
		Tidx: "int32",
	});
	return reshaped(context, castTo(context, range, "int32", "float32"), shape);
}

function reshaped(
	{ add, constantOf }: ExpandContext,
	value: ValueName,
	shape: readonly number[],
): ValueName {
	const vector = constantOf(tensorFromNumbers("int32", [shape.length], shape));
	return add("Reshape", [value, vector], { T: "float32", Tshape: "int32" });
}

/** One number a pixel, with an axis of size 1 for the channels. */
function perChannel(
	{ add, scalar }: ExpandContext,
	value: ValueName,
	T: DType,
): ValueName {
	return add("ExpandDims", [value, scalar("int32", -1)], { T, Tdim: "int32" });
}

function choice<T>(table: Readonly<Record<string, T>>, name: string): T {
	const row = table[name];
	if (row === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot transform an image with "${name}": mlship knows ${Object.keys(table).join(", ")}`,
		);
	return row;
}
