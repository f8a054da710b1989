import { sendAll } from "../../lib/repository/change.js";
import { findVersion } from "../../lib/repository/list.js";
import { resolveModel } from "../../lib/repository/place.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { changedJson, showChanged } from "../ui/version/change.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Gives a version all requests. */
export const runPromote: Run = async ([argument], options, context) => {
	const { model, version = "" } = resolveModel(
		argument,
		placeOf(options, context),
	);
	const changed = await sendAll(
		model.dir,
		"promote",
		(held) => findVersion(held.model, version),
		changeOptions(`promote ${argument}`, options, context),
	);
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify(changedJson(changed))}\n`
			: showChanged(changed, "promoted", style),
	);
};
