import { boolAttr, intAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import type { Expand, ExpandContext } from "../define.js";
import { castTo, formula } from "../formula.js";
import { longInput, vectors } from "../vectors.js";

/** The best class of each step, blanks and perhaps repetitions left out (kernels/ctc_decoder_ops.cc), of scores [time, batch, classes]. */
export const greedyPath: Expand = (context) => {
	const { add, inputs, types, scalar, node } = context;
	const v = vectors(context);
	const { equal, less, mul } = formula(context, "int64");
	const best = inRows(
		context,
		add("ArgMax", [inputs[0], scalar("int32", 2)], {
			...{ T: types[0].dtype, Tidx: "int32", output_type: "int64" },
		}),
		"int64",
	);
	const steps = v.row(v.range(v.at(v.shape(best), 1)));
	const isStep = less(steps, v.column(longInput(context, 1)));
	const isNot = (other: ValueName) => add("LogicalNot", [equal(best, other)]);
	const isMerged = boolAttr(node, "merge_repeated");
	const isKept = [
		isNot(blankOf(context)),
		...(isMerged ? [isNot(stepBefore(context, best))] : []),
	].reduce((a, b) => add("LogicalAnd", [a, b]), isStep);
	const kept = castTo(context, isKept, "bool", "int64");
	const places = add("Where", [isKept], { T: "bool" });
	const taken = (values: ValueName) =>
		v.column(
			add("GatherNd", [values, places], {
				...{ Tparams: "int64", Tindices: "int64" },
			}),
		);
	const numbers = add("Cumsum", [kept, scalar("int32", 1)], {
		...{ T: "int64", Tidx: "int32", exclusive: true, reverse: false },
	});
	const counts = add("Sum", [kept, scalar("int32", 1)], {
		...{ T: "int64", Tidx: "int32", keep_dims: false },
	});
	const rows = v.column(v.range(v.size(counts)));
	const everywhere = formula(context, "int64").add(rows, mul(best, 0));
	return [
		v.columns([taken(everywhere), taken(numbers)]),
		v.reshape(taken(best), v.of(-1)),
		v.join([v.only(v.size(counts)), v.only(v.largest(counts))]),
		scoreOf(context, isStep),
	];
};

/** [time, batch] as [batch, time]. */
function inRows(
	{ add, constantOf }: ExpandContext,
	value: ValueName,
	T: DType,
) {
	const order = constantOf({
		dtype: "int32",
		shape: [2],
		data: Int32Array.of(1, 0),
	});
	return add("Transpose", [value, order], { T, Tperm: "int32" });
}

function blankOf(context: ExpandContext): ValueName {
	const { inputs, types, node, scalar } = context;
	const v = vectors(context);
	const index = intAttr(node, "blank_index");
	if (index >= 0) return scalar("int64", index);
	const classes = v.at(v.shape(inputs[0], types[0].dtype), 2);
	return formula(context, "int64").add(classes, index);
}

/** Each row a step later, and no class first. */
function stepBefore(context: ExpandContext, best: ValueName): ValueName {
	const v = vectors(context);
	const { sub, mul } = formula(context, "int64");
	const time = v.at(v.shape(best), 1);
	const batch = v.column(v.range(v.at(v.shape(best), 0)));
	const none = sub(mul(batch, 0), 1);
	const later = v.columns([none, best]);
	return context.add(
		"Slice",
		[later, v.of(0, 0), v.join([v.of(-1), v.only(time)])],
		{
			T: "int64",
			Index: "int64",
		},
	);
}

/** What the largest scores of all steps add up to, below zero. */
function scoreOf(context: ExpandContext, isStep: ValueName): ValueName {
	const { add, inputs, types, scalar } = context;
	const { dtype: T } = types[0];
	const { where, of } = formula(context, T);
	const reduced = (op: string, value: ValueName, axis: number, keep: boolean) =>
		add(op, [value, scalar("int32", axis)], {
			...{ T, Tidx: "int32", keep_dims: keep },
		});
	const largest = inRows(context, reduced("Max", inputs[0], 2, false), T);
	return of("Neg", reduced("Sum", where(isStep, largest, 0), 1, true));
}
