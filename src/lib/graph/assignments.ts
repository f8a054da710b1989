import type { DType } from "../tensor/dtype.js";
import type { Attrs, ValueName } from "./ir.js";

/** What an assignment is given to make the variable's new value. */
export interface Assignment {
	readonly dtype: DType;
	readonly attrs: Attrs;
	/** The inputs behind the variable. */
	readonly inputs: readonly ValueName[];
	/** The variable's value before. */
	current(): ValueName;
	add(op: string, inputs: readonly ValueName[], attrs?: Attrs): ValueName;
	/** An int32 scalar. */
	axis(value: number): ValueName;
}

export interface AssignmentRow {
	readonly value: (assignment: Assignment) => ValueName;
}

/** Ops that set a variable, each as the value that it sets: a Program has no variables, only their values. */
export const ASSIGNMENTS: Readonly<Record<string, AssignmentRow>> = {
	...withVariants("Assign", "AssignVariableOp", ({ inputs }) => inputs[0]),
	...withVariants("AssignAdd", "AssignAddVariableOp", arithmetic("AddV2")),
	...withVariants("AssignSub", "AssignSubVariableOp", arithmetic("Sub")),
	...withVariants(
		"StridedSliceAssign",
		"ResourceStridedSliceAssign",
		({ attrs, inputs, current, add, dtype }) =>
			add("TensorStridedSliceUpdate", [current(), ...inputs], {
				...attrs,
				T: dtype,
			}),
	),
	...scatters(["Update", "Add", "Sub", "Min", "Max"]),
	...withVariants("ScatterMul", "ResourceScatterMul", byProducts("Mul")),
	...withVariants("ScatterDiv", "ResourceScatterDiv", byProducts("Div")),
};

function withVariants(
	reference: string,
	resource: string,
	value: AssignmentRow["value"],
): Record<string, AssignmentRow> {
	return { [reference]: { value }, [resource]: { value } };
}

function arithmetic(op: string): AssignmentRow["value"] {
	return ({ inputs, current, add, dtype }) =>
		add(op, [current(), inputs[0]], { T: dtype });
}

/** Rows times, or divided by, the product of all updates that name them; the empty product is 1. */
function byProducts(op: string): AssignmentRow["value"] {
	return ({ attrs, inputs, current, add, axis, dtype }) => {
		const { Tindices } = attrs;
		const variable = current();
		const shape = add("Shape", [variable], { T: dtype, out_type: "int32" });
		const rows = add("GatherV2", [shape, axis(0), axis(0)], {
			batch_dims: 0,
			Tparams: "int32",
			Tindices: "int32",
			Taxis: "int32",
		});
		const products = add("UnsortedSegmentProd", [inputs[1], inputs[0], rows], {
			T: dtype,
			Tindices,
			Tnumsegments: "int32",
		});
		return add(op, [variable, products], { T: dtype });
	};
}

/** Rows at indices (Scatter…), slices at places (ScatterNd…). */
function scatters(kinds: readonly string[]): Record<string, AssignmentRow> {
	return Object.fromEntries(
		kinds.flatMap((kind) => {
			const op = `TensorScatter${kind}`;
			const rows: AssignmentRow = {
				value: ({ attrs, inputs, current, add, axis, dtype }) => {
					const { Tindices } = attrs;
					const places = add("ExpandDims", [inputs[0], axis(-1)], {
						T: Tindices,
						Tdim: "int32",
					});
					return add(op, [current(), places, inputs[1]], {
						T: dtype,
						Tindices,
					});
				},
			};
			const slices: AssignmentRow = {
				value: ({ attrs, inputs, current, add, dtype }) =>
					add(op, [current(), ...inputs], {
						T: dtype,
						Tindices: attrs.Tindices,
					}),
			};
			return [
				[`Scatter${kind}`, rows],
				[`ResourceScatter${kind}`, rows],
				[`ScatterNd${kind}`, slices],
				[`ResourceScatterNd${kind}`, slices],
			];
		}),
	);
}
