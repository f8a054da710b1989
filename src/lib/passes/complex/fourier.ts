import { fail } from "../../errors.js";
import type { ValueName } from "../../graph/ir.js";
import { formula } from "../../ops/formula.js";
import { vectors } from "../../ops/vectors.js";
import type { ComplexContext, ComplexRule } from "./context.js";
import type { Pair } from "./pair.js";

/** Complex numbers along the last axes. */
function complex(rank: number, inverse: boolean): ComplexRule {
	return (context) => [alongAxes(context, context.pair(0), rank, inverse)];
}

/** Real numbers along the last axes, as the first half of a spectrum that is symmetric along the last. */
function fromReal(rank: number): ComplexRule {
	return (context) => {
		const { inputs, part } = context;
		const sizes = wantedSizes(context, rank);
		const cut = firstOf(context, inputs[0], sizes, rank);
		const [re, im] = context.addMany("_RealFourier", [cut], 2, { T: part });
		return [outerAxes(context, { re, im }, rank, false)];
	};
}

/** Back from the half of a spectrum: the other half is its conjugate, backwards. */
function toReal(rank: number): ComplexRule {
	return (context) => {
		const { part } = context;
		const v = vectors(context);
		const { add, sub, floorDiv, greater, where } = formula(context, "int64");
		const sizes = wantedSizes(context, rank);
		const size = sizes[rank - 1];
		const middle = floorDiv(size, 2);
		const halves = sizes.with(rank - 1, add(middle, 1));
		const { re, im } = context.pair(0);
		const half = outerAxes(
			context,
			{
				re: firstOf(context, re, halves, rank),
				im: firstOf(context, im, halves, rank),
			},
			rank,
			true,
		);
		const each = v.range(size);
		const isBehind = greater(each, middle);
		const places = where(isBehind, sub(size, each), each);
		const taken = (value: ValueName) =>
			context.add("GatherV2", [value, places, context.scalar("int32", -1)], {
				...{ Tparams: part, Tindices: "int64", Taxis: "int32" },
				batch_dims: 0,
			});
		const { where: chosen, of } = formula(context, part);
		const whole = taken(half.im);
		const mirrored = {
			re: taken(half.re),
			im: chosen(isBehind, of("Neg", whole), whole),
		};
		return [transformed(context, mirrored, true).re];
	};
}

/** The lengths in input 1, a scalar each. */
function wantedSizes(context: ComplexContext, rank: number): ValueName[] {
	const v = vectors(context);
	const lengths = context.add("Cast", [context.inputs[1]], {
		...{ SrcT: "int32", DstT: "int64", Truncate: false },
	});
	return Array.from({ length: rank }, (_, i) => v.at(lengths, i));
}

/** The first numbers along the last axes. */
function firstOf(
	context: ComplexContext,
	value: ValueName,
	sizes: readonly ValueName[],
	rank: number,
): ValueName {
	const v = vectors(context);
	const zeros = new Array<number>(rank + 1).fill(0);
	return context.add(
		"StridedSlice",
		[
			value,
			v.of(...zeros),
			v.join([v.of(0), ...sizes.map((size) => v.only(size))]),
			v.of(...zeros.map(() => 1)),
		],
		{
			...{ T: context.part, Index: "int64", ellipsis_mask: 1 },
			...{ begin_mask: 0, end_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 },
		},
	);
}

function alongAxes(
	context: ComplexContext,
	pair: Pair,
	rank: number,
	inverse: boolean,
): Pair {
	const last = transformed(context, pair, inverse);
	return outerAxes(context, last, rank, inverse);
}

/** Along the axes before the last, of as many as are transformed. */
function outerAxes(
	context: ComplexContext,
	pair: Pair,
	rank: number,
	inverse: boolean,
): Pair {
	let current = pair;
	for (let back = 2; back <= rank; back++) {
		const order = swapped(context, back);
		const turned = transposed(context, current, order);
		current = transposed(context, transformed(context, turned, inverse), order);
	}
	return current;
}

/** The order of axes with the last exchanged for the one so many from the end. */
function swapped({ types, node }: ComplexContext, back: number): number[] {
	const rank = types[0].shape?.length;
	if (rank === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot write ${node.op} in real numbers: the rank of its input is not known`,
		);
	const order = Array.from({ length: rank }, (_, axis) => axis);
	return order.with(rank - 1, rank - back).with(rank - back, rank - 1);
}

function transposed(
	context: ComplexContext,
	{ re, im }: Pair,
	order: readonly number[],
): Pair {
	const perm = vectors(context).of(...order);
	const turn = (value: ValueName) =>
		context.add("Transpose", [value, perm], {
			T: context.part,
			Tperm: "int64",
		});
	return { re: turn(re), im: turn(im) };
}

function transformed(
	context: ComplexContext,
	pair: Pair,
	inverse: boolean,
): Pair {
	const [re, im] = context.addMany("_Fourier", [pair.re, pair.im], 2, {
		T: context.part,
		inverse,
	});
	return { re, im };
}

export const complexFourier: Readonly<Record<string, ComplexRule>> = {
	FFT: complex(1, false),
	FFT2D: complex(2, false),
	FFT3D: complex(3, false),
	IFFT: complex(1, true),
	IFFT2D: complex(2, true),
	IFFT3D: complex(3, true),
	RFFT: fromReal(1),
	RFFT2D: fromReal(2),
	RFFT3D: fromReal(3),
	IRFFT: toReal(1),
	IRFFT2D: toReal(2),
	IRFFT3D: toReal(3),
};
