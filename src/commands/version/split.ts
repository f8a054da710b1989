import { fail } from "../../lib/errors.js";
import { hold, sharesOf, splitTraffic } from "../../lib/repository/change.js";
import { trafficJson, trafficOf } from "../../lib/repository/history.js";
import { resolveModel } from "../../lib/repository/place.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { changedJson, showChanged, showTraffic } from "../ui/version/change.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Shares requests out to versions. */
export const runSplit: Run = async ([argument, ...texts], options, context) => {
	const { model, version } = resolveModel(argument, placeOf(options, context));
	if (version !== undefined)
		throw fail(
			"INVALID",
			`cannot split "${argument}": a model without a version is wanted in front, as ${model.name} 1@90 2@10`,
		);
	const header = readHeader(options.by);
	if (options.dryRun === true) {
		const held = hold(model.dir);
		const to = trafficOf({ shares: sharesOf(held.model, texts) });
		const json = { model: model.name, changed: false, after: trafficJson(to) };
		context.stdout(
			options.json
				? `${JSON.stringify(json)}\n`
				: `${model.name}: ${showTraffic(held.routing.traffic)}; would be ${showTraffic(to)}\n`,
		);
		return;
	}
	const changed = await splitTraffic(model.dir, texts, {
		...changeOptions(`split ${argument} ${texts.join(" ")}`, options, context),
		header,
	});
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify(changedJson(changed))}\n`
			: showChanged(changed, "shared out", style),
	);
};

/** The name of a header (RFC 9110, 5.1), as `header NAME` too; `none` for chance. */
function readHeader(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	const [, name] = /^(?:header[ :])?([\w!#$%&'*+.^`|~-]+)$/.exec(text) ?? [];
	if (name === undefined)
		throw fail(
			"INVALID",
			`cannot split by "${text}": the name of a header is wanted, as x-user-id`,
		);
	return name === "none" ? "" : name.toLowerCase();
}
