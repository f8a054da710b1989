import type { EngineOptions, Session } from "./engine.js";
import { ENGINES } from "./index.js";
import type { MakeAgain } from "./pool/pool.js";
import { type Runner, startRunner } from "./pool/runner.js";
import { openSession } from "./pool/session.js";
import type { Prepare, Prepared } from "./prepare.js";
import { thawingSession } from "./state/frozen.js";
import { statefulSession, VariableStore } from "./state.js";

/** How a signature is made ready, the first time and later. */
export interface Preparing {
	readonly first: Prepare;
	/** What it holds on to stays in memory as long as the session. */
	readonly later: Prepare;
	/** Whether threads that die are replaced by means of `later`. */
	readonly replaces: boolean;
}

/** Opens a signature: threads start while it is prepared. Fails as preparing does. */
export async function openPrepared(
	{ first, later, replaces }: Preparing,
	{ variables = new VariableStore() }: Pick<EngineOptions, "variables"> = {},
): Promise<Session> {
	const changed = variables.changed;
	const { session, names, state, isFrozen } = await open(
		first,
		changed,
		variables,
		replaces ? later : undefined,
	);
	if (names.length === 0) return session;
	if (!isFrozen) return statefulSession(session, state, variables);
	return thawingSession(session, names, variables, async () => {
		const thawed = await open(
			later,
			names,
			variables,
			replaces ? later : undefined,
		);
		return statefulSession(thawed.session, thawed.state, variables);
	});
}

interface Opened extends Pick<Prepared, "state" | "isFrozen"> {
	readonly session: Session;
	readonly names: readonly string[];
}

async function open(
	prepare: Prepare,
	changed: readonly string[],
	variables: VariableStore,
	replace: Prepare | undefined,
): Promise<Opened> {
	const start = new Start(variables);
	try {
		const prepared = await prepare({
			changed,
			starting: (engine, workers) => start.begin(engine, workers),
		});
		const { state, isFrozen } = prepared;
		const runner = await start.runner(prepared).catch((error: unknown) => {
			prepared.opened?.();
			throw error;
		});
		const session = await openSession(
			runner,
			prepared,
			again(prepared, replace, changed),
		);
		const names = state.map(({ name }) => name);
		return { session, names, state: isFrozen ? [] : state, isFrozen };
	} catch (error) {
		await start.cancel();
		throw error;
	}
}

function again(
	{ isSmall, source }: Prepared,
	replace: Prepare | undefined,
	changed: readonly string[],
): MakeAgain | undefined {
	if (isSmall === true) return () => ({ source, transferList: [] });
	return replace && makeAgain(replace, changed);
}

/** Apart from what was prepared first, whose memory is to be free. */
function makeAgain(replace: Prepare, changed: readonly string[]): MakeAgain {
	return () => replace({ changed });
}

/** Threads that were started before it was known what they are to run. Has a lifetime: until they are asked for. */
class Start {
	readonly #variables: VariableStore;
	#begun:
		| { engine: string; workers: number; runner: Promise<Runner> }
		| undefined;

	constructor(variables: VariableStore) {
		this.#variables = variables;
	}

	begin(engine: string, workers: number): void {
		void this.cancel();
		if (workers === 0) return;
		const runner = this.#start(engine, workers);
		runner.catch(() => undefined);
		this.#begun = { engine, workers, runner };
	}

	async runner({
		engine,
		workers,
		sharesResources,
	}: Prepared): Promise<Runner> {
		const begun = this.#begun;
		if (begun?.engine === engine && begun.workers === workers) {
			this.#begun = undefined;
			return begun.runner;
		}
		await this.cancel();
		const { resources } = this.#variables;
		return this.#start(
			engine,
			workers,
			sharesResources ? resources : undefined,
		);
	}

	async cancel(): Promise<void> {
		const begun = this.#begun;
		this.#begun = undefined;
		const runner = await begun?.runner.catch(() => undefined);
		await runner?.close();
	}

	async #start(
		engine: string,
		workers: number,
		resources?: Map<string, object>,
	): Promise<Runner> {
		const { runtime } = await ENGINES[engine]();
		return startRunner(workers, runtime(), resources);
	}
}
