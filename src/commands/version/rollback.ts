import { hold, rollbackTarget, sendAll } from "../../lib/repository/change.js";
import { findVersion } from "../../lib/repository/list.js";
import { resolveModel } from "../../lib/repository/place.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { changedJson, showChanged, showRouting } from "../ui/version/change.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Gives all requests back to the version before; shows it first. */
export const runRollback: Run = async ([argument], options, context) => {
	const { model, version } = resolveModel(argument, placeOf(options, context));
	const choose = (held: ReturnType<typeof hold>) =>
		version === undefined
			? rollbackTarget(held)
			: findVersion(held.model, version);
	const held = hold(model.dir);
	const target = choose(held);
	const style = styleFor(colourWanted(context, options, "stdout"));
	const plan = `${model.name}: ${showRouting(held.routing)}; back to version ${target.version}\n`;
	if (options.dryRun === true) {
		const json = {
			model: model.name,
			changed: false,
			version: String(target.version),
		};
		context.stdout(options.json ? `${JSON.stringify(json)}\n` : plan);
		return;
	}
	if (options.quiet !== true) context.stderr(plan);
	const changed = await sendAll(
		model.dir,
		"rollback",
		choose,
		changeOptions(`rollback ${argument}`, options, context),
	);
	const to = changed.entry?.version ?? target.version;
	context.stdout(
		options.json
			? `${JSON.stringify(changedJson(changed, { version: String(to) }))}\n`
			: showChanged(changed, `rolled back to version ${to}`, style),
	);
};
