import {
	type Emitter,
	type Expressions,
	expressions,
} from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** How much box `best` ([1], int64) overlaps every box, [boxes]; its nodes go where `emitter` puts them. */
export type Overlaps = (emitter: Emitter, best: OnnxValue) => OnnxValue;

/** Intersection over union of boxes given by two opposite corners, in any order: [boxes, 4] as y, x, y, x. */
export function boxOverlaps(context: LowerContext, boxes: OnnxValue): Overlaps {
	const math = expressions(context);
	const corners = [0, 1, 2, 3].map((place) =>
		context.emit("Gather", [boxes, context.scalar("int64", place)], {
			axis: 1,
		}),
	);
	const [y1, x1, y2, x2] = corners;
	const sides: Sides = {
		top: math.min(y1, y2),
		left: math.min(x1, x2),
		bottom: math.max(y1, y2),
		right: math.max(x1, x2),
	};
	const areas = area(math, sides);
	return (emitter, best) => {
		const inner = expressions(emitter);
		const one = (vector: OnnxValue) => emitter.emit("Gather", [vector, best]);
		const common = {
			top: inner.max(sides.top, one(sides.top)),
			left: inner.max(sides.left, one(sides.left)),
			bottom: inner.min(sides.bottom, one(sides.bottom)),
			right: inner.min(sides.right, one(sides.right)),
		};
		const shared = area(inner, common);
		const union = inner.sub(inner.add(areas, one(areas)), shared);
		const both = inner.min(areas, one(areas));
		const overlap = inner.div(
			shared,
			inner.where(inner.greater(both, 0), union, 1),
		);
		return inner.where(inner.greater(both, 0), overlap, 0);
	};
}

/** Overlaps from a matrix: its column `best`. */
export function matrixOverlaps(matrix: OnnxValue): Overlaps {
	return ({ emit, ints }, best) =>
		emit("Squeeze", [emit("Gather", [matrix, best], { axis: 1 }), ints([1])]);
}

interface Sides {
	readonly top: OnnxValue;
	readonly left: OnnxValue;
	readonly bottom: OnnxValue;
	readonly right: OnnxValue;
}

function area(
	math: Expressions,
	{ top, left, bottom, right }: Sides,
): OnnxValue {
	return math.mul(
		math.max(math.sub(bottom, top), 0),
		math.max(math.sub(right, left), 0),
	);
}
