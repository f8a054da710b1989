import { historyJson } from "../../lib/repository/history.js";
import { resolveModels } from "../../lib/repository/place.js";
import { readState } from "../../lib/repository/state.js";
import { INT32_MAX, whole } from "../readers.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { showHistory } from "../ui/version/history.js";
import { placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Shows who changed what, when and why. */
export const runHistory: Run = async ([argument], options, context) => {
	const { limit } = options;
	const most =
		limit === undefined
			? Number.POSITIVE_INFINITY
			: whole(1, INT32_MAX)(limit, "--limit");
	const models = resolveModels(argument, placeOf(options, context)).map(
		({ name, dir }) => ({
			name,
			history: [...readState(dir).history].reverse().slice(0, most),
		}),
	);
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify({ models: models.map(({ name, history }) => ({ name, history: history.map(historyJson) })) })}\n`
			: showHistory(models, style),
	);
};
