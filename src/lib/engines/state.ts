import { fail } from "../errors.js";
import type { StateVariable } from "../graph/ir.js";
import {
	apartFrom,
	bufferOf,
	type Tensor,
	type Tensors,
} from "../tensor/tensor.js";
import type { Session } from "./engine.js";

/** The variables, tables and queues that the signatures of one loaded version change. Has a lifetime: the version's. */
export class VariableStore {
	/** By what a host step calls them (`HostRun.resource`). */
	readonly resources = new Map<string, object>();
	readonly #values = new Map<string, Tensor>();
	readonly #set = new Set<string>();
	#last: Promise<unknown> = Promise.resolve();

	value({ name, initial }: StateVariable): Tensor {
		const known = this.#values.get(name);
		if (known !== undefined) return known;
		if (initial === undefined)
			throw fail(
				"INVALID",
				`cannot read ${name}: nothing set it yet, and the checkpoint has no value for it`,
			);
		const read = initial.read();
		this.#values.set(name, read);
		return read;
	}

	set(name: string, value: Tensor): void {
		this.#set.add(name);
		this.#values.set(name, value);
	}

	/** Whether any of these variables was set since the version was loaded. */
	hasSet(names: readonly string[]): boolean {
		return names.some((name) => this.#set.has(name));
	}

	/** The variables that were set since the version was loaded. */
	get changed(): readonly string[] {
		return [...this.#set];
	}

	/** Settles when all tasks that were given so far are done. */
	async settled(): Promise<void> {
		await this.#last;
	}

	/** Runs tasks one after the other, in the order in which they were given. */
	inTurn<T>(task: () => Promise<T>): Promise<T> {
		const turn = this.#last.then(task);
		this.#last = turn.catch(() => undefined);
		return turn;
	}
}

/** A session whose variables are fed from a store and kept in it: callers see the signature's own inputs and outputs. */
export function statefulSession(
	session: Session,
	state: readonly StateVariable[],
	store: VariableStore,
): Session {
	const hidden = new Map(state.map((variable) => [variable.name, variable]));
	const isOwn = ({ name }: { readonly name: string }) => !hidden.has(name);
	const inputs = session.inputs.filter(isOwn);
	const outputs = session.outputs.filter(isOwn);
	const fed = session.inputs.flatMap(({ name }) => hidden.get(name) ?? []);
	return {
		inputs,
		outputs,
		run: (given) =>
			store.inTurn(async () => {
				const variables = Object.fromEntries(
					fed.map((variable) => [variable.name, store.value(variable)]),
				);
				const returned = await session.run(given, variables);
				const kept = { ...variables };
				for (const { name } of session.outputs)
					if (hidden.has(name)) {
						store.set(name, returned[name]);
						kept[name] = returned[name];
					}
				// the caller may do with answers what he likes
				const buffers = new Set(Object.values(kept).map(bufferOf));
				return apartFrom(buffers, named(outputs, returned));
			}),
		close: () => session.close(),
	};
}

function named(
	ports: readonly { readonly name: string }[],
	tensors: Tensors,
): Tensors {
	return Object.fromEntries(ports.map(({ name }) => [name, tensors[name]]));
}
