import { fail } from "../errors.js";
import {
	type Changed,
	type HeldModel,
	hold,
	sendAll,
} from "../repository/change.js";
import { trafficJson } from "../repository/history.js";
import { findVersion, type VersionEntry } from "../repository/list.js";
import type { ChangeOptions } from "../repository/repository.js";
import { fingerprint } from "../repository/scan.js";
import { type GateOptions, type GateReport, passGate } from "./gate.js";

export interface PromoteOptions extends ChangeOptions, GateOptions {
	/** Promote what did not pass. */
	readonly force?: boolean | undefined;
	/** Hears what the gate found, before anything changes. */
	readonly report?: ((report: GateReport) => void) | undefined;
	/** Change nothing. */
	readonly dryRun?: boolean | undefined;
}

export interface Promoted {
	readonly report: GateReport;
	/** Undefined where nothing was to change. */
	readonly changed: Changed | undefined;
}

/**
 * Gives a version all requests and the label `stable`, if it passes. Fails with MISMATCH, nothing being changed, where it
 * does not and is not forced; with NOT_READY where somebody else changed the model meanwhile.
 */
export async function promoteVersion(
	dir: string,
	text: string,
	options: PromoteOptions,
): Promise<Promoted> {
	const held = hold(dir);
	const candidate = findVersion(held.model, text);
	const print = await fingerprint(candidate.dir);
	const report = await passGate(held, candidate, options);
	options.report?.(report);
	const { reasons } = report;
	const { version } = candidate;
	if (reasons.length > 0 && options.force !== true)
		throw fail(
			"MISMATCH",
			`cannot promote version ${version} of model "${held.model.name}": ${reasons.join("; ")}`,
			{
				hint: 'nothing was changed; --force --message "why" promotes it nevertheless',
				at: { model: held.model.name, version: String(version) },
			},
		);
	if (options.dryRun === true) return { report, changed: undefined };
	if ((await fingerprint(candidate.dir)) !== print)
		throw changedMeanwhile(candidate);
	const changed = await sendAll(
		dir,
		"promote",
		(now) => {
			if (stateOf(now) !== stateOf(held)) throw changedMeanwhile(candidate);
			return findVersion(now.model, String(version));
		},
		{
			...options,
			forced: reasons.length > 0 ? reasons.join("; ") : undefined,
		},
	);
	return { report, changed };
}

/** What a gate's answer rests on. */
function stateOf({ routing, state }: HeldModel): string {
	return JSON.stringify([
		trafficJson(routing.traffic),
		[...state.labels].map(String).sort(),
	]);
}

function changedMeanwhile({ version }: VersionEntry) {
	return fail(
		"NOT_READY",
		`cannot promote version ${version}: it or who answers was changed while it was checked`,
		{ hint: "run the command again" },
	);
}
