import { setImmediate } from "node:timers/promises";

/**
 * Before a port is closed: libuv accepts one of the connections that wait a turn, and those that are left are reset.
 * Resolves after two turns without any, or when it is enough.
 */
export async function quietTurns(accepted: () => number): Promise<void> {
	const end = performance.now() + ACCEPT_MS;
	for (let before = -1; before !== accepted() && performance.now() < end; ) {
		before = accepted();
		await setImmediate();
		await setImmediate();
	}
}

/** New clients may come without end. */
const ACCEPT_MS = 1_000;
