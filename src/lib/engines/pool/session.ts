import type { Form, Session } from "../engine.js";
import type { MakeAgain } from "./pool.js";
import type { Runner } from "./runner.js";

/** A session on what was started for it; what `again` holds on to stays in memory as long as the session. */
export async function openSession(
	runner: Runner,
	{ source, transferList, opened, inputs, outputs }: Form,
	again?: MakeAgain,
): Promise<Session> {
	try {
		const sent = { source, transferList };
		await runner.open(opened === undefined ? sent : { ...sent, opened }, again);
		return sessionOn(runner, inputs, outputs);
	} catch (error) {
		await runner.close();
		throw error;
	}
}

/** Apart from what the source is seen by. */
function sessionOn(
	runner: Runner,
	inputs: Session["inputs"],
	outputs: Session["outputs"],
): Session {
	return {
		inputs,
		outputs,
		run: (tensors, kept) => runner.run(tensors, kept),
		flush: () => runner.flush?.(),
		close: () => runner.close(),
	};
}
