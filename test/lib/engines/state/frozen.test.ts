import { describe, expect, test } from "vitest";
import type { Session } from "../../../../src/lib/engines/engine.js";
import { loadProgram } from "../../../../src/lib/engines/index.js";
import {
	frozenProgram,
	thawingSession,
} from "../../../../src/lib/engines/state/frozen.js";
import { VariableStore } from "../../../../src/lib/engines/state.js";
import { checkProgram } from "../../../../src/lib/graph/check.js";
import type { Program } from "../../../../src/lib/graph/ir.js";
import { heldConstant } from "../../../../src/lib/tensor/constant.js";
import type { Tensors } from "../../../../src/lib/tensor/tensor.js";
import { floats } from "../../../one-node.js";
import { graph, programWith } from "../../graph/graphs.js";
import { node } from "../../graph/programs.js";

const NAME = "variable:weight";
const STATE = { name: NAME, initial: heldConstant(floats([], [10])) };

/** x times the weight, which the checkpoint has as 10. */
const reading: Program = {
	...programWith(
		graph(
			[
				["x", "float32", []],
				[NAME, "float32", []],
			],
			[node("y", "Mul", ["x", NAME], { T: "float32" })],
			[["y:0", "float32", []]],
		),
	),
	state: [STATE],
};
const setting: Program = {
	...reading,
	outputs: [
		...reading.outputs,
		{ name: NAME, value: "y:0", dtype: "float32", shape: [] },
	],
};

test("a variable that is read only is a constant, the checkpoint's", () => {
	const frozen = frozenProgram(reading) as Program;
	checkProgram(frozen);
	expect(frozen.inputs.map(({ name }) => name)).toEqual(["x"]);
	expect(frozen.state).toEqual([]);
	expect(frozen.nodes[0]).toMatchObject({
		op: "Const",
		outputs: [NAME],
		attrs: { value: STATE.initial },
	});
});

test.each<[string, Program]>([
	["that it sets", setting],
	[
		"that the checkpoint does not have",
		{ ...reading, state: [{ name: NAME }] },
	],
])("a program cannot take a variable for a constant %s", (_, program) => {
	expect(frozenProgram(program)).toBeUndefined();
});

test("signatures answer with the value that another one has set, and other loads with their own", async () => {
	const variables = new VariableStore();
	const options = { workers: 0, variables };
	const read = await loadProgram(reading, "onnx", options);
	const set = await loadProgram(setting, "onnx", options);
	const late = () => loadProgram(reading, "onnx", options);
	const times = async (session: Session, x: number) => {
		const answer = await session.run({ x: floats([], [x]) });
		expect(Object.keys(answer)).toEqual(["y:0"]);
		return Number(answer["y:0"].data[0]);
	};
	expect(await times(read, 2)).toBe(20);
	expect(await times(set, 3)).toBe(30);
	expect(await times(read, 2)).toBe(60);
	expect(await times(await late(), 2)).toBe(60);
	const other = await loadProgram(reading, "onnx", { workers: 0 });
	expect(await times(other, 2)).toBe(20);
});

describe("a session of constants that may change", () => {
	/** Answers its name, when it is let; notes when it is closed. */
	function named(name: string, events: string[]) {
		const waiting: (() => void)[] = [];
		const session: Session = {
			inputs: [],
			outputs: [],
			run: async () => {
				events.push(`run ${name}`);
				await new Promise<void>((resolve) => waiting.push(resolve));
				return { [name]: floats([], [0]) };
			},
			close: async () => void events.push(`close ${name}`),
		};
		const release = () => {
			for (const resolve of waiting.splice(0)) resolve();
		};
		return { session, release };
	}

	function opened(thaw?: () => Promise<Session>) {
		const events: string[] = [];
		const store = new VariableStore();
		const frozen = named("frozen", events);
		const fed = named("fed", events);
		const session = thawingSession(
			frozen.session,
			[NAME],
			store,
			thaw ?? (async () => fed.session),
		);
		const release = async () => {
			await new Promise(setImmediate);
			frozen.release();
			fed.release();
			await new Promise(setImmediate);
		};
		return { events, store, session, release };
	}
	const who = async (answer: Promise<Tensors>) => Object.keys(await answer)[0];

	test("runs side by side, and ends when it is not needed any more", async () => {
		const { events, store, session, release } = opened();
		const before = [session.run({}), session.run({})];
		await new Promise(setImmediate);
		expect(events).toEqual(["run frozen", "run frozen"]);
		store.set(NAME, floats([], [1]));
		const after = session.run({});
		await new Promise(setImmediate);
		expect(events).toHaveLength(2);
		await release();
		expect(events.slice(2)).toEqual(["close frozen", "run fed"]);
		await release();
		expect(await Promise.all([...before, after].map(who))).toEqual([
			"frozen",
			"frozen",
			"fed",
		]);
		await session.close();
		expect(events.at(-1)).toBe("close fed");
	});

	test("waits for a change that was asked for before", async () => {
		const { store, session, release } = opened();
		let change = () => {};
		store.inTurn(async () => {
			await new Promise<void>((resolve) => {
				change = resolve;
			});
			store.set(NAME, floats([], [1]));
		});
		const answer = who(session.run({}));
		await new Promise(setImmediate);
		change();
		await release();
		await release();
		expect(await answer).toBe("fed");
	});

	test("does not mind variables of others", async () => {
		const { events, store, session, release } = opened();
		store.set("variable:other", floats([], [1]));
		const answer = who(session.run({}));
		await release();
		expect(await answer).toBe("frozen");
		await session.close();
		expect(events.at(-1)).toBe("close frozen");
	});

	test("tries again where the changed variables could not be fed", async () => {
		let tries = 0;
		const fed = named("fed", []);
		const { store, session, release } = opened(async () => {
			if (tries++ === 0) throw new Error("the disk is away");
			return fed.session;
		});
		store.set(NAME, floats([], [1]));
		await expect(session.run({})).rejects.toThrow("the disk is away");
		const answer = who(session.run({}));
		await release();
		fed.release();
		expect(await answer).toBe("fed");
	});
});
