import type {
	Activation,
	Cell,
	Gate,
} from "../../../../passes/patterns/recurrence/cell.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import type { Tensor } from "../../../../tensor/tensor.js";
import { transpose } from "../../../../tensor/transpose.js";
import { type Arithmetic, arithmetic } from "../../arithmetic.js";
import type { LiteContext, LiteValue } from "../../lowering.js";

/** A cell as products with stacked weights: the gates' rows lie behind one another. */
export interface CellForm {
	/** [gates·units, features] and [gates·units]: all that does not depend on the state. */
	readonly inputWeights: Tensor;
	readonly inputBias: Tensor;
	/** The states after a step, from what the input adds, [batch, gates·units], and the states before. */
	step(
		context: LiteContext,
		fromInput: LiteValue,
		states: readonly LiteValue[],
	): readonly LiteValue[];
}

const FORMS: {
	readonly [Kind in Cell["kind"]]: (
		cell: Extract<Cell, { kind: Kind }>,
	) => CellForm;
} = {
	simple: ({ gates, activation }) => {
		const all = [gates.state];
		return {
			...inputForm(all, () => true),
			step: (context, fromInput, [hidden]) => {
				const { add } = arithmetic(context);
				const sum = add(fromInput, product(context, hidden, all));
				return [activate(context, activation, sum)];
			},
		};
	},
	lstm: ({ gates, gateActivation, activation, outputActivation }) => {
		const all = [gates.input, gates.forget, gates.state, gates.output];
		return {
			...inputForm(all, () => true),
			step: (context, fromInput, [hidden, memory]) => {
				const { add, mul } = arithmetic(context);
				const sums = add(fromInput, product(context, hidden, all));
				const [input, forget, state, output] = split(context, sums, 4);
				const gate = (sum: LiteValue) => activate(context, gateActivation, sum);
				const kept = add(
					mul(gate(forget), memory),
					mul(gate(input), activate(context, activation, state)),
				);
				const shown = activate(context, outputActivation, kept);
				return [mul(gate(output), shown), kept];
			},
		};
	},
	gru: ({ gates, gateActivation, activation, resetsAfter }) => {
		const [update, reset, state] = [gates.update, gates.reset, gates.state];
		const all = [update, reset, state];
		return {
			...inputForm(all, (gate) => !resetsAfter || gate !== state),
			step: (context, fromInput, [hidden]) => {
				const { add, mul, sub } = arithmetic(context);
				const gate = (sum: LiteValue) => activate(context, gateActivation, sum);
				const [x, y, z] = split(context, fromInput, 3);
				const [a, b, c] = split(
					context,
					product(context, hidden, resetsAfter ? all : [update, reset], [
						state,
					]),
					resetsAfter ? 3 : 2,
				);
				const [kept, shown] = [gate(add(x, a)), gate(add(y, b))];
				const fromState = resetsAfter
					? mul(shown, c)
					: product(context, mul(shown, hidden), [state]);
				const fresh = activate(context, activation, add(z, fromState));
				return [add(mul(kept, hidden), mul(sub(1, kept), fresh))];
			},
		};
	},
};

export function cellForm(cell: Cell): CellForm {
	const form = FORMS[cell.kind] as (cell: Cell) => CellForm;
	return form(cell);
}

/** The biases of the state's products lie with those of the input, where nothing is done between them. */
function inputForm(
	gates: readonly Gate[],
	addsStateBias: (gate: Gate) => boolean,
): Pick<CellForm, "inputWeights" | "inputBias"> {
	return {
		inputWeights: stacked(gates.map(({ input }) => input)),
		inputBias: vector(
			gates.flatMap((gate) =>
				numbers(gate.inputBias).map((bias, i) =>
					addsStateBias(gate) ? bias + numbers(gate.stateBias)[i] : bias,
				),
			),
		),
	};
}

/** [batch, gates·units] of the state; with the state's biases for those gates that `biased` has. */
function product(
	{ emit, weight }: LiteContext,
	hidden: LiteValue,
	gates: readonly Gate[],
	biased: readonly Gate[] = [],
): LiteValue {
	const weights = stacked(gates.map(({ state }) => state));
	const bias = gates.flatMap((gate) =>
		numbers(gate.stateBias).map((value) => (biased.includes(gate) ? value : 0)),
	);
	return emit(
		"FULLY_CONNECTED",
		[hidden, weight(weights), weight(vector(bias))],
		{
			dtype: "float32",
			shape: hidden.shape && [hidden.shape[0], bias.length],
		},
		["FullyConnectedOptions", {}],
	);
}

function split(
	{ emitMany, scalar }: LiteContext,
	value: LiteValue,
	count: number,
): readonly LiteValue[] {
	const { dtype, shape } = value;
	const part = {
		dtype,
		shape: shape && [...shape.slice(0, -1), (shape.at(-1) ?? 0) / count],
	};
	return emitMany(
		"SPLIT",
		[scalar("int32", 1), value],
		new Array<typeof part>(count).fill(part),
		["SplitOptions", { numSplits: count }],
	);
}

type Formula = (x: LiteValue, math: Arithmetic) => LiteValue;

const ACTIVATIONS: { readonly [Name in Activation]: Formula } = {
	Sigmoid: (x, { of }) => of("LOGISTIC", x),
	Tanh: (x, { of }) => of("TANH", x),
	Relu: (x, { of }) => of("RELU", x),
	Elu: (x, { of }) => of("ELU", x),
	Softsign: (x, { of, add, div }) => div(x, add(of("ABS", x), 1)),
	Softplus: (x, { of, add, max }) =>
		add(max(x, 0), of("LOG", add(of("EXP", of("NEG", of("ABS", x))), 1))),
	HardSigmoid: (x, math) => ramp(x, 1 / 6, math),
	SteepHardSigmoid: (x, math) => ramp(x, 0.2, math),
};

function ramp(
	x: LiteValue,
	slope: number,
	{ min, max, add, mul }: Arithmetic,
): LiteValue {
	return min(max(add(mul(x, slope), 0.5), 0), 1);
}

function activate(
	context: LiteContext,
	name: Activation,
	x: LiteValue,
): LiteValue {
	return ACTIVATIONS[name](x, arithmetic(context));
}

/** [gates·units, columns] of matrices [columns, units]. */
function stacked(matrices: readonly Tensor[]): Tensor {
	const [columns, units] = matrices[0].shape;
	const data = new Float32Array(matrices.length * units * columns);
	for (const [i, matrix] of matrices.entries())
		data.set(
			transpose(matrix, [1, 0]).data as Float32Array,
			i * units * columns,
		);
	return {
		dtype: "float32",
		shape: [matrices.length * units, columns],
		data,
	};
}

function vector(values: readonly number[]): Tensor {
	return tensorFromNumbers("float32", [values.length], values);
}

function numbers({ data }: Tensor): readonly number[] {
	return Array.from(data as Float32Array);
}
