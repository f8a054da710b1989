import { expect, test } from "vitest";
import type { Session } from "../../../src/lib/engines/engine.js";
import {
	statefulSession,
	VariableStore,
} from "../../../src/lib/engines/state.js";
import type { StateVariable } from "../../../src/lib/graph/ir.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { floats } from "../../one-node.js";

const START = floats([], [10]);
const COUNTER: StateVariable = {
	name: "variable:counter",
	initial: {
		dtype: "float32",
		shape: [],
		byteLength: 4,
		read: () => START,
	},
};
const port = (name: string) => ({ name, dtype: "float32", shape: [] }) as const;

/** Adds `by` to a counter and answers the new value; -1 makes it fail, and the larger `by` the sooner it is done. */
const adder: Session = {
	inputs: [port("by"), port(COUNTER.name)],
	outputs: [port("total"), port(COUNTER.name)],
	run: async ({ by }, { [COUNTER.name]: counter } = {}) => {
		const [step, before] = [by, counter].map(({ data }) => Number(data[0]));
		if (step < 0) throw new Error("less than nothing");
		for (let i = 0; i < 40 / step; i++) await undefined;
		const total = floats([], [before + step]);
		return { total, [COUNTER.name]: total };
	},
	close: async () => undefined,
};

const open = (store = new VariableStore(), variable = COUNTER) =>
	statefulSession(adder, [variable], store);
const add = async (session: Session, by: number) => {
	const { total } = await session.run({ by: floats([], [by]) });
	return Number(total.data[0]);
};

test("callers see neither inputs nor outputs that are variables", async () => {
	const session = open();
	expect(session.inputs.map(({ name }) => name)).toEqual(["by"]);
	expect(session.outputs.map(({ name }) => name)).toEqual(["total"]);
	const answer = await session.run({ by: floats([], [1]) });
	expect(Object.keys(answer)).toEqual(["total"]);
});

test("requests change a variable in the order in which they came, however long each takes", async () => {
	const session = open();
	const totals = [1, 5, 20].map((by) => add(session, by));
	expect(await Promise.all(totals)).toEqual([11, 16, 36]);
});

test("a request that fails leaves the variable as it was, and the next ones run", async () => {
	const session = open();
	const [first, failing, second] = [1, -1, 2].map((by) => add(session, by));
	await expect(failing).rejects.toThrow("less than nothing");
	expect([await first, await second]).toEqual([11, 13]);
});

test("signatures of one version see one value, other versions their own", async () => {
	const shared = new VariableStore();
	const [one, two, other] = [open(shared), open(shared), open()];
	expect(await add(one, 1)).toBe(11);
	expect(await add(two, 1)).toBe(12);
	expect(await add(other, 1)).toBe(11);
});

test("a variable stays as it is, whatever becomes of the answer that it was", async () => {
	const session = open();
	const { total } = await session.run({ by: floats([], [1]) });
	(total.data as Float32Array).fill(0);
	expect(await add(session, 1)).toBe(12);
});

test("a session is given a variable as the tensor that it made itself, until another sets it", async () => {
	const given: (Tensor | undefined)[] = [];
	const watched: Session = {
		...adder,
		run: (inputs, kept) => {
			given.push(kept?.[COUNTER.name]);
			return adder.run(inputs, kept);
		},
	};
	const store = new VariableStore();
	const session = statefulSession(watched, [COUNTER], store);
	await add(session, 1);
	await add(session, 1);
	await add(open(store), 5);
	await add(session, 1);
	expect(given.map((tensor) => tensor?.data[0])).toEqual([10, 11, 17]);
	expect(given[0]).toBe(START);
});

test("a variable that was never set cannot be read", async () => {
	const session = open(new VariableStore(), { name: COUNTER.name });
	await expect(add(session, 1)).rejects.toMatchObject({
		code: "INVALID",
		message: expect.stringContaining(COUNTER.name),
	});
});

test("once set, a variable needs no value in the checkpoint", async () => {
	const store = new VariableStore();
	store.set(COUNTER.name, floats([], [3]) as Tensor);
	expect(await add(open(store, { name: COUNTER.name }), 1)).toBe(4);
});
