import { fail } from "../../../lib/errors.js";
import type { CommandContext } from "../../context.js";
import type { DockerCommandOptions } from "../docker.js";

/** Makes an image of models. */
export async function runDocker(
	_path: string | undefined,
	_options: DockerCommandOptions,
	_context: CommandContext,
): Promise<void> {
	throw fail("UNSUPPORTED", "cannot deploy to Docker: it is not there yet");
}
