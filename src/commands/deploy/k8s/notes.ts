import type { CommandContext, GlobalOptions } from "../../context.js";
import { showNotes } from "../../ui/deploy-k8s.js";
import { colourWanted, styleFor } from "../../ui/style.js";

/** Says what a user should know, on stderr. */
export function tell(
	notes: readonly string[],
	options: GlobalOptions,
	context: CommandContext,
): void {
	const style = styleFor(colourWanted(context, options, "stderr"));
	if (!options.quiet) context.stderr(showNotes(notes, style));
}
