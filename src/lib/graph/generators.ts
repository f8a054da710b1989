import type { Attrs, ValueName } from "./ir.js";

/** What a draw from a generator is given: its state is a variable, [counter, counter, key]. */
export interface GeneratorDraw {
	readonly attrs: Attrs;
	/** The inputs behind the variable. */
	readonly inputs: readonly ValueName[];
	/** The state before. */
	current(): ValueName;
	/** Sets the state. */
	write(value: ValueName): void;
	add(op: string, inputs: readonly ValueName[], attrs?: Attrs): ValueName;
	/** A vector of int32. */
	ints(role: string, ...values: readonly number[]): ValueName;
}

export type GeneratorRow = (draw: GeneratorDraw) => readonly ValueName[];

/** Ops that draw from a generator: they read its state, and skip what they may use up (stateful_random_ops.cc). */
export const GENERATORS: Readonly<Record<string, GeneratorRow>> = {
	RngSkip: (draw) => {
		skip(draw, draw.inputs[1]);
		return [];
	},
	RngReadAndSkip: (draw) => [skip(draw, draw.inputs[1])],
	StatefulUniform: drawing("StatelessRandomUniformV2"),
	StatefulStandardNormalV2: drawing("StatelessRandomNormalV2"),
	StatefulTruncatedNormal: drawing("StatelessTruncatedNormalV2"),
	StatefulUniformInt: drawing("StatelessRandomUniformIntV2"),
	StatefulUniformFullInt: drawing("StatelessRandomUniformFullIntV2"),
};

/** Returns the state before. */
function skip(draw: GeneratorDraw, delta: ValueName): ValueName {
	const state = draw.current();
	draw.write(draw.add("RngSkip", [state, draw.inputs[0], delta]));
	return state;
}

/** Inputs algorithm, shape and those of the draw itself. */
function drawing(op: string): GeneratorRow {
	return (draw) => {
		const { attrs, inputs, add, ints } = draw;
		const [algorithm, shape, ...bounds] = inputs;
		const count = add("Prod", [shape, ints("axis", 0)], {
			T: attrs.shape_dtype,
			Tidx: "int32",
			keep_dims: false,
		});
		const state = skip(draw, count);
		const part = (role: string, from: number, size: number) =>
			add(
				"Bitcast",
				[
					add(
						"Slice",
						[state, ints(`${role}_begin`, from), ints(`${role}_size`, size)],
						{ T: "int64", Index: "int32" },
					),
				],
				{ T: "int64", type: "uint64" },
			);
		const drawn = add(
			op,
			[
				shape,
				part("key", 2, 1),
				part("counter", 0, 2),
				add("Cast", [algorithm], {
					SrcT: "int64",
					DstT: "int32",
					Truncate: false,
				}),
				...bounds,
			],
			{ dtype: attrs.dtype, Tshape: attrs.shape_dtype },
		);
		return [drawn];
	};
}
