import type { CommandDefinition } from "./context.js";
import { convertCommand } from "./convert.js";
import { deployCommand } from "./deploy.js";
import { doctorCommand } from "./doctor.js";
import { exportCommand } from "./export.js";
import { inspectCommand } from "./inspect.js";
import { predictCommand } from "./predict.js";
import { serveCommand } from "./serve.js";
import { verifyCommand } from "./verify.js";
import { versionCommand } from "./version.js";

/** THE list of commands, in the order of the help. */
export const COMMANDS: readonly CommandDefinition[] = [
	inspectCommand,
	predictCommand,
	serveCommand,
	convertCommand,
	verifyCommand,
	exportCommand,
	versionCommand,
	deployCommand,
	doctorCommand,
];
