import { stringAttr } from "../../../graph/attrs.js";
import type { Shape } from "../../../tensor/tensor.js";
import { unfit } from "../arithmetic.js";
import { text, type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { allInputs } from "./rows.js";

/**
 * A product of matrices where that is one: WebAssembly has no kernel of Einsum. TensorFlow.js multiplies one or two tensors, and
 * knows neither ellipses nor diagonals.
 */
export const einsum: WebLowering = (context) => {
	const { node, emit } = context;
	const equation = spelledOut(context);
	const terms = equation.split(/,|->/);
	if (terms.some((term) => new Set(term).size < term.length))
		throw unfit("Einsum of TensorFlow.js takes no diagonals");
	if (node.inputs.length > 2)
		throw unfit("Einsum of TensorFlow.js takes two tensors at most");
	const multiplied = product(context, terms);
	return (
		multiplied ??
		emit("Einsum", allInputs(context), { equation: text(equation) })
	);
};

/** The equation with letters in the place of an ellipsis, which has to stand for the same axes wherever it does. */
function spelledOut({ node, inputs }: WebContext): string {
	const equation = stringAttr(node, "equation").replace(/\s/g, "");
	if (!equation.includes("...")) return equation;
	const [left, right] = equation.split("->");
	const sizes = left.split(",").flatMap((term, i): (Shape | null)[] => {
		if (!term.includes("...")) return [];
		const shape = inputs[i].shape;
		if (shape === undefined) return [undefined];
		const at = term.indexOf("...");
		const rank = shape.length - (term.length - 3);
		return [shape.slice(at, at + rank)];
	});
	const [first, ...more] = sizes;
	if (!first || more.some((other) => other?.join() !== first.join()))
		throw unfit(
			"TensorFlow.js must know the axes of an ellipsis, the same in both tensors",
		);
	const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].filter(
		(letter) => !equation.includes(letter),
	);
	const letters = free.slice(0, first.length).join("");
	return `${left}->${right ?? ""}`.replaceAll("...", letters);
}

/** Which letters stand for what, in the order in which they are wanted. */
interface Roles {
	readonly batch: string;
	readonly left: string;
	readonly right: string;
	readonly summed: string;
}

function product(
	context: WebContext,
	[a, b, out]: readonly string[],
): WebValue | undefined {
	const { inputs, emit, ints } = context;
	if (out === undefined || inputs[0].dtype !== "float32") return undefined;
	const roles = rolesOf(a, b, out);
	const sizes = sizesOf(context, [a, b]);
	if (roles === undefined || sizes === undefined) return undefined;
	const { batch, left, right, summed } = roles;
	const x = arranged(context, 0, a, [...batch, left, summed], sizes);
	const y = arranged(context, 1, b, [...batch, summed, right], sizes);
	const made = batch + left + right;
	const full = shapeOf([...made], sizes);
	if (x === undefined || y === undefined || full === undefined)
		return undefined;
	const T = { T: type("float32") };
	const multiplied =
		batch === "" ? emit("MatMul", [x, y], T) : emit("BatchMatMulV2", [x, y], T);
	const whole =
		left.length === 1 && right.length === 1
			? multiplied
			: emit("Reshape", [multiplied, ints(full)]);
	return ordered(context, whole, made, out);
}

/** `undefined` where a letter of one tensor alone is summed, or one of the result is in neither. */
function rolesOf(a: string, b: string, out: string): Roles | undefined {
	const roles = { batch: "", left: "", right: "", summed: "" };
	for (const letter of new Set(a + b)) {
		const [inA, inB, inOut] = [a, b, out].map((term) => term.includes(letter));
		if (!inOut && !(inA && inB)) return undefined;
		if (!inOut) roles.summed += letter;
		else if (inA && inB) roles.batch += letter;
		else if (inA) roles.left += letter;
		else roles.right += letter;
	}
	const known = new Set(a + b);
	return [...out].every((letter) => known.has(letter)) ? roles : undefined;
}

type Sizes = ReadonlyMap<string, number>;

/** The size of each letter, -1 for an unknown one; `undefined` where one has to be repeated, or is none. */
function sizesOf(
	{ inputs }: WebContext,
	terms: readonly string[],
): Sizes | undefined {
	const sizes = new Map<string, number>();
	for (const [i, term] of terms.entries()) {
		const shape = inputs[i].shape;
		if (shape?.length !== term.length || shape.includes(0)) return undefined;
		for (const [axis, letter] of [...term].entries()) {
			const known = sizes.get(letter) ?? -1;
			if (known >= 0 && shape[axis] >= 0 && known !== shape[axis])
				return undefined;
			sizes.set(letter, Math.max(known, shape[axis]));
		}
	}
	return sizes;
}

/** An operand with its letters in this order, each group an axis. */
function arranged(
	context: WebContext,
	index: number,
	term: string,
	groups: readonly string[],
	sizes: Sizes,
): WebValue | undefined {
	const { input, emit, ints } = context;
	const value = ordered(context, input(index), term, groups.join(""));
	if (groups.every(({ length }) => length === 1)) return value;
	const shape = shapeOf(groups, sizes);
	return shape && emit("Reshape", [value, ints(shape)]);
}

/** A group without letters has one element; one size may be unknown. */
function shapeOf(
	groups: readonly string[],
	sizes: Sizes,
): readonly number[] | undefined {
	const shape = groups.map((group) =>
		[...group].reduce((product, letter) => {
			const size = sizes.get(letter) ?? -1;
			return size < 0 || product < 0 ? -1 : product * size;
		}, 1),
	);
	return shape.filter((size) => size < 0).length > 1 ? undefined : shape;
}

function ordered(
	{ emit, ints }: WebContext,
	value: WebValue,
	from: string,
	to: string,
): WebValue {
	return from === to
		? value
		: emit("Transpose", [
				value,
				ints([...to].map((letter) => from.indexOf(letter))),
			]);
}
