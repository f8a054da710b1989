import { unfit } from "../arithmetic.js";
import { bool, text, type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { type EinsumOperand, operandsOf } from "./einsum-operands.js";

/**
 * A product of matrices where that is one: WebAssembly has no kernel of Einsum. TensorFlow.js multiplies one or two tensors, and
 * knows neither ellipses nor diagonals, nor axes that are repeated.
 */
export const einsum: WebLowering = (context) => {
	const { node, emit } = context;
	if (node.inputs.length > 2)
		throw unfit("Einsum of TensorFlow.js takes two tensors at most");
	const { operands, out } = operandsOf(context);
	const plain = {
		...context,
		inputs: operands.map(({ type }) => type),
		input: (index: number) => operands[index].value,
	};
	if (operands.length === 1) return rearranged(context, operands[0], out);
	const terms = [...operands.map(({ term }) => term), out];
	const multiplied = product(plain, terms);
	const equation = `${operands.map(({ term }) => term).join()}->${out}`;
	return (
		multiplied ??
		emit(
			"Einsum",
			operands.map(({ value }) => value),
			{ equation: text(equation) },
		)
	);
};

/** One tensor, summed over the letters that the result has not. */
function rearranged(
	context: WebContext,
	{ value, term }: EinsumOperand,
	out: string,
): WebValue {
	const { emit, ints } = context;
	const kept = [...term].filter((letter) => out.includes(letter)).join("");
	const gone = [...term].flatMap((letter, axis) =>
		out.includes(letter) ? [] : [axis],
	);
	const summed =
		gone.length === 0
			? value
			: emit("Sum", [value, ints(gone)], { keep_dims: bool(false) });
	return ordered(context, summed, kept, out);
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
