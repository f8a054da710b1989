import type { Node, Program } from "../../graph/ir.js";
import type { Constant } from "../../tensor/constant.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { Session } from "../engine.js";
import type { VariableStore } from "../state.js";

/**
 * A program that only reads variables, with the values of the checkpoint as constants: it runs like any other as long as
 * nobody sets them, which may be always (a model that was exported with its training step). `undefined` where the program sets
 * some itself, or the checkpoint lacks one.
 */
export function frozenProgram(program: Program): Program | undefined {
	const initials = new Map(
		program.state.map(({ name, initial }) => [name, initial]),
	);
	if (program.outputs.some(({ name }) => initials.has(name))) return undefined;
	const constants: Node[] = [];
	for (const { name, value } of program.inputs) {
		if (!initials.has(name)) continue;
		const initial = initials.get(name);
		if (initial === undefined) return undefined;
		constants.push(constantNode(name, value, initial));
	}
	return {
		...program,
		inputs: program.inputs.filter(({ name }) => !initials.has(name)),
		nodes: [...constants, ...program.nodes],
		state: [],
	};
}

function constantNode(name: string, output: string, value: Constant): Node {
	const attrs = { value, dtype: value.dtype };
	return { name, op: "Const", inputs: [], outputs: [output], attrs };
}

/**
 * The session of a frozen program until one of its variables is set, and from then on the one that `thaw` opens, which feeds
 * them. Runs that need not wait for a change side by side.
 */
export function thawingSession(
	frozen: Session,
	names: readonly string[],
	store: VariableStore,
	thaw: () => Promise<Session>,
): Session {
	const running = new Set<Promise<Tensors>>();
	let thawed: Promise<Session> | undefined;
	const runFrozen = (inputs: Tensors): Promise<Tensors> => {
		const run = frozen.run(inputs);
		const done = () => void running.delete(run);
		running.add(run);
		run.then(done, done);
		return run;
	};
	const open = async (): Promise<Session> => {
		const session = await thaw();
		await Promise.allSettled(running);
		await frozen.close();
		return session;
	};
	const opened = (): Promise<Session> => {
		thawed ??= open();
		// it may be possible another time
		thawed.catch(() => {
			thawed = undefined;
		});
		return thawed;
	};
	const { inputs, outputs } = frozen;
	return {
		inputs,
		outputs,
		run: async (given) => {
			await store.settled();
			if (!store.hasSet(names)) return runFrozen(given);
			return (await opened()).run(given);
		},
		close: async () => {
			const session = await thawed?.catch(() => undefined);
			await (session ?? frozen).close();
		},
	};
}
