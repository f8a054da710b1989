import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { asMlshipError } from "../errors.js";

/** What was made, for the next step of a pipeline. */
export interface DeployRecord {
	/** `image`, `push`, `apply` … */
	readonly type: string;
	readonly [field: string]: unknown;
}

/** Names the file that scripts read, one JSON object a line. */
export const OUTPUT_VARIABLE = "MLSHIP_OUTPUT_FILE";

/** Adds a line to the file that `MLSHIP_OUTPUT_FILE` names; does nothing where it names none. */
export function writeRecord(
	record: DeployRecord,
	{
		env,
		cwd,
	}: {
		readonly env: Readonly<Record<string, string | undefined>>;
		readonly cwd: string;
	},
): void {
	const file = env[OUTPUT_VARIABLE];
	if (file === undefined || file === "") return;
	try {
		appendFileSync(resolve(cwd, file), `${JSON.stringify(record)}\n`);
	} catch (error) {
		throw asMlshipError(error);
	}
}
