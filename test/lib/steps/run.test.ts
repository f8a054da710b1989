import { expect, test } from "vitest";
import type { Plan } from "../../../src/lib/steps/plan.js";
import { type OpenRegion, openPlan } from "../../../src/lib/steps/run.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { node } from "../graph/programs.js";

const negate = { ...node("y", "Neg", ["x"]), outputs: ["y"] };
const port = (value: string) =>
	({ name: value, value, dtype: "float32", shape: [-1] }) as const;
const NOTHING: Plan<string> = {
	inputs: [],
	outputs: [],
	constants: [],
	steps: [],
};
const plan: Plan<string> = {
	inputs: [port("x")],
	outputs: [port("y")],
	constants: [],
	steps: [
		{ kind: "region", region: "negation", small: [negate], releases: ["x"] },
	],
};

/** A model whose runtime gives zeros, so that it can be told from the host. */
function model() {
	const program = { main: plan, bodies: {}, initializer: NOTHING };
	const zeros: OpenRegion = {
		inputs: ["x"],
		outputs: ["y"],
		run: async ([x]) => [{ ...x, data: new Float32Array(x.data.length) }],
		close: async () => undefined,
	};
	return openPlan(program, async () => zeros);
}

function ones(dtype: Tensor["dtype"], length: number): Tensor {
	const values = new Array<number>(length).fill(1);
	return tensorFromNumbers(dtype, [length], values);
}

async function first(x: Tensor) {
	const { y } = await (await model()).run({ x });
	return y.data[0];
}

test("a region with a small form is computed on the host while little flows in", async () => {
	expect(await first(ones("float32", 3))).toBe(-1);
	expect(await first(ones("float32", 100_000))).toBe(0);
});

test("a region is left to its runtime where the host has no rule for the element type", async () => {
	expect(
		await first({ dtype: "string", shape: [1], data: [new Uint8Array(1)] }),
	).toBe(0);
});
