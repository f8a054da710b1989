import { fail } from "../../lib/errors.js";
import type { Run } from "./subcommands.js";

/** Compares two versions. */
export const runDiff: Run = async () => {
	throw fail("UNSUPPORTED", "cannot compare versions yet");
};
