import { expect, test } from "vitest";
import { GENERATORS } from "../../../src/lib/graph/generators.js";

/** What an op gives and what it leaves in the generator, as formulas of its state `s` and its inputs. */
function drawn(op: string, ...inputs: readonly string[]) {
	let state = "s";
	const outputs = GENERATORS[op]?.({
		attrs: { dtype: "float32", shape_dtype: "int64" },
		inputs,
		current: () => state,
		write: (value) => {
			state = value;
		},
		add: (name, given) => `${name}(${given.join(", ")})`,
		ints: (_, ...values) => `[${values.join(", ")}]`,
	});
	return { outputs, state };
}

// tensorflow/core/kernels/stateful_random_ops.cc: the state is [counter, counter, key]; each number drawn may use a block
const KEY = "Bitcast(Slice(s, [2], [1]))";
const COUNTER = "Bitcast(Slice(s, [0], [2]))";
const SKIPPED = "RngSkip(s, algorithm, Prod(shape, [0]))";

test.each([
	["StatefulUniform", [], "StatelessRandomUniformV2"],
	["StatefulStandardNormalV2", [], "StatelessRandomNormalV2"],
	["StatefulTruncatedNormal", [], "StatelessTruncatedNormalV2"],
	["StatefulUniformInt", ["low", "high"], "StatelessRandomUniformIntV2"],
	["StatefulUniformFullInt", [], "StatelessRandomUniformFullIntV2"],
])(
	"%s draws from the state as it was, and leaves it behind the numbers drawn",
	(op, bounds, stateless) => {
		const { outputs, state } = drawn(op, "algorithm", "shape", ...bounds);
		const given = ["shape", KEY, COUNTER, "Cast(algorithm)", ...bounds];
		expect(outputs).toEqual([`${stateless}(${given.join(", ")})`]);
		expect(state).toBe(SKIPPED);
	},
);

test("a generator that skips gives back its state as it was, where that is asked for", () => {
	const state = "RngSkip(s, algorithm, delta)";
	expect(drawn("RngSkip", "algorithm", "delta")).toEqual({
		outputs: [],
		state,
	});
	expect(drawn("RngReadAndSkip", "algorithm", "delta")).toEqual({
		outputs: ["s"],
		state,
	});
});
