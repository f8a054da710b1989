import type { LiteFile } from "../../lite/open.js";
import type { Session } from "../engine.js";
import { openLite } from "./model.js";

/** A signature of a file that somebody wrote, in this thread. Fails as `openLite`. */
export async function openLiteSession(
	{ bytes }: LiteFile,
	key: string,
): Promise<Session> {
	const session = await openLite(bytes, key);
	return {
		inputs: session.signature.inputs,
		outputs: session.signature.outputs,
		run: (inputs) => session.run(inputs),
		close: async () => session.close(),
	};
}
