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

test.each([
	["a constant itself", []],
	["the elements of one", [node("kept", "Identity", ["c"])]],
])("an answer that is %s is the caller's own", async (_, nodes) => {
	const tensor = ones("float32", 2);
	const main: Plan<string> = {
		inputs: [],
		outputs: [{ ...port(nodes.length === 0 ? "c" : "kept:0"), name: "y" }],
		constants: [{ value: "c", tensor }],
		steps: nodes.map((one) => ({ kind: "host", node: one, releases: [] })),
	};
	const program = { main, bodies: {}, initializer: NOTHING };
	const constant = await openPlan(program, noting([]));
	const { y } = await constant.run({});
	(y.data as Float32Array).fill(5);
	expect((await constant.run({})).y.data).toEqual(Float32Array.of(1, 1));
});

const HOST_PLAN: Plan<string> = {
	inputs: [port("x")],
	outputs: [port("y")],
	constants: [],
	steps: [{ kind: "host", node: negate, releases: ["x"] }],
};
/** Regions that note what becomes of them; "broken" cannot be opened. */
function noting(events: string[]) {
	return async (name: string): Promise<OpenRegion> => {
		if (name === "broken") throw new Error("cannot open it");
		events.push(`open ${name}`);
		return {
			inputs: ["x"],
			outputs: ["y"],
			run: async (inputs) => {
				events.push(`run ${name}`);
				return inputs;
			},
			close: async () => void events.push(`close ${name}`),
		};
	};
}
const regions = (...names: string[]): Plan<string> => ({
	...plan,
	steps: names.map((region) => ({ kind: "region", region, releases: [] })),
});

test("where a region cannot be opened, those before it are closed", async () => {
	const events: string[] = [];
	const program = {
		main: regions("first", "broken"),
		bodies: {},
		initializer: NOTHING,
	};
	await expect(openPlan(program, noting(events))).rejects.toThrow(
		"cannot open it",
	);
	expect(events).toEqual(["open first", "close first"]);
});

test("what has to run first runs once, before the first question", async () => {
	const events: string[] = [];
	const [fill] = regions("fill").steps;
	const initializer = {
		...NOTHING,
		constants: [{ value: "x", tensor: ones("float32", 1) }],
		steps: [fill],
	};
	const program = { main: regions("main"), bodies: {}, initializer };
	const opened = await openPlan(program, noting(events));
	for (let i = 0; i < 2; i++) await opened.run({ x: ones("float32", 1) });
	await opened.close();
	expect(events.filter((event) => event.startsWith("run"))).toEqual([
		"run fill",
		"run main",
		"run main",
	]);
	expect(events.slice(-2).toSorted()).toEqual(["close fill", "close main"]);
});

test("an error of a host step names its node", async () => {
	const numbers = { ...node("row", "StringToNumber", ["x"]), outputs: ["y"] };
	const attrs = { out_type: "float32" };
	const step = { kind: "host", node: { ...numbers, attrs }, releases: [] };
	const main = { ...HOST_PLAN, steps: [step as Plan<string>["steps"][0]] };
	const program = { main, bodies: {}, initializer: NOTHING };
	const opened = await openPlan(program, noting([]));
	const x: Tensor = { dtype: "string", shape: [1], data: [Buffer.from("no")] };
	await expect(opened.run({ x })).rejects.toMatchObject({
		code: "INVALID",
		message: expect.stringContaining('(node "row", StringToNumber)'),
		at: { node: "row", op: "StringToNumber" },
	});
});
