import { stringAttr } from "../../../graph/attrs.js";
import type { ValueType } from "../../../ops/define.js";
import { unfit } from "../arithmetic.js";
import { int, ints as intList } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { countTo, sizeOf } from "./counting.js";

/** An operand of Einsum as TensorFlow.js takes it: a letter an axis, no letter twice, no axis that has to be repeated. */
export interface EinsumOperand {
	readonly value: WebValue;
	readonly type: ValueType;
	readonly term: string;
}

/** Operands and the letters of the result: ellipses are spelled out, diagonals taken, axes of size 1 left out. */
export function operandsOf(context: WebContext): {
	readonly operands: readonly EinsumOperand[];
	readonly out: string;
} {
	const { node, inputs, input } = context;
	const equation = stringAttr(node, "equation").replace(/\s/g, "");
	const [left, right = ""] = equation.split("->");
	const terms = left.split(",");
	const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].filter(
		(letter) => !equation.includes(letter),
	);
	const counts = terms.map((term, i) => {
		if (!term.includes("...")) return 0;
		const rank = inputs[i].shape?.length;
		if (rank === undefined)
			throw unfit("TensorFlow.js must know the axes of an ellipsis");
		return rank - (term.length - 3);
	});
	const most = Math.max(...counts);
	const letters = free.slice(0, most).join("");
	const operands = terms.map((term, i) => {
		const own = letters.slice(most - counts[i]);
		return withoutRepeats(context, {
			value: input(i),
			type: inputs[i],
			term: term.replace("...", own),
		});
	});
	return {
		operands: operands.map((operand) =>
			withoutSingles(context, operand, operands, letters),
		),
		out: right.replace("...", letters),
	};
}

/** An axis of an ellipsis that has one element here and more elsewhere is as good as none. */
function withoutSingles(
	{ emit }: WebContext,
	operand: EinsumOperand,
	all: readonly EinsumOperand[],
	letters: string,
): EinsumOperand {
	const { value, type, term } = operand;
	const sizeIn = (other: EinsumOperand, letter: string) =>
		other.type.shape?.[other.term.indexOf(letter)] ?? -1;
	const others = all.filter((other) => other !== operand);
	const gone = [...letters].filter((letter) => {
		const sharing = others.filter((other) => other.term.includes(letter));
		if (!term.includes(letter) || sharing.length === 0) return false;
		// sizes that are not known are taken for equal ones
		return (
			sizeIn(operand, letter) === 1 &&
			sharing.some((other) => sizeIn(other, letter) !== 1)
		);
	});
	if (gone.length === 0) return operand;
	const axes = gone.map((letter) => term.indexOf(letter));
	return {
		value: emit("Squeeze", [value], { axis: intList(axes) }),
		type: {
			...type,
			shape: type.shape?.filter((_, axis) => !axes.includes(axis)),
		},
		term: [...term].filter((letter) => !gone.includes(letter)).join(""),
	};
}

/** A letter that stands twice in a term takes the diagonal of its axes. */
function withoutRepeats(
	context: WebContext,
	operand: EinsumOperand,
): EinsumOperand {
	const { value, type, term } = operand;
	const first = [...term].findIndex(
		(letter, i) => term.indexOf(letter, i + 1) > 0,
	);
	if (first < 0) return operand;
	const { emit, ints, scalar } = context;
	const second = term.indexOf(term[first], first + 1);
	const rest = [...term].flatMap((_, i) =>
		i === first || i === second ? [] : [i],
	);
	const moved = emit("Transpose", [value, ints([...rest, first, second])]);
	const size = sizeOf(context, moved, rest.length);
	const outer = emit("Slice", [
		emit("Shape", [moved]),
		ints([0]),
		ints([rest.length]),
	]);
	const flat = emit("Reshape", [
		moved,
		emit("ConcatV2", [outer, ints([-1]), scalar(0)], { N: int(2) }),
	]);
	const places = emit("Mul", [
		countTo(context, size),
		emit("AddV2", [size, scalar(1)]),
	]);
	const shape = type.shape && [
		...rest.map((axis) => type.shape?.[axis] ?? -1),
		type.shape[first],
	];
	return withoutRepeats(context, {
		value: emit("GatherV2", [flat, places, scalar(rest.length)], {
			batch_dims: int(0),
		}),
		type: { ...type, shape },
		term: [...rest.map((i) => term[i]), term[first]].join(""),
	});
}
