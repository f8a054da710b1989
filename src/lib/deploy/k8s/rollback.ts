import { fail } from "../../errors.js";
import { endCanary, stableOf } from "./canary.js";
import {
	type Deployed,
	type DeployOptions,
	rollOut,
	surveyed,
} from "./deploy.js";
import type { Cluster } from "./kubectl.js";
import { RELEASE, type Release } from "./releases.js";
import { type Service, showModels } from "./service.js";

/**
 * Goes back: ends a canary; else undoes an apply that failed; else brings the release before the one that serves. Each
 * further one goes one release further. Fails with NOT_FOUND where there is none.
 */
export async function rollBack(
	cluster: Cluster,
	wanted: Service,
	options: DeployOptions,
): Promise<Deployed> {
	const ground = await surveyed(cluster, wanted, options);
	const latest = stableOf(ground, wanted);
	const { releases, state, nextId } = ground;
	if (latest.canary !== undefined)
		return endCanary(
			cluster,
			{ state, service: latest.service },
			options,
			releases,
		);
	const stamp = state.deployment?.metadata.annotations?.[RELEASE];
	const [target, ...older] = earlier(releases, Number(stamp ?? latest.id));
	if (target === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot go back: release ${latest.id} of ${wanted.name} is the first one`,
			{
				hint: `kubectl --namespace ${wanted.namespace} rollout undo deployment/${wanted.name} goes back to what others applied`,
			},
		);
	options.say(
		`back to release ${target.id}: ${showModels(target.service.models)}, ${target.service.image}`,
	);
	return rollOut(cluster, { state, service: target.service }, options, [
		{ ...target, id: nextId },
		...older,
	]);
}

/** The releases to go back to, the latest first. One that was stamped and is in no list has failed: the last good one is meant. */
export function earlier(
	releases: readonly Release[],
	stamp: number,
): readonly Release[] {
	const hasFailed = releases.length > 0 && stamp > releases[0].id;
	return hasFailed ? releases : releases.slice(1);
}
