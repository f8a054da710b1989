import { selectorOf } from "../labels.js";
import type { Service, Track } from "../service.js";

/**
 * Replicas on different nodes and zones, where there are any; under `--strict` one that finds no node of its own waits. Of one
 * rollout alone (`pod-template-hash`): the pods before it are going, and would push the new ones together.
 */
export function spreadOf(
	service: Service,
	track: Track,
): Record<string, unknown>[] {
	const constraint = (topologyKey: string, whenUnsatisfiable: string) => ({
		maxSkew: 1,
		topologyKey,
		whenUnsatisfiable,
		labelSelector: { matchLabels: selectorOf(service, track) },
		matchLabelKeys: ["pod-template-hash"],
	});
	return [
		constraint(
			"kubernetes.io/hostname",
			service.isStrict ? "DoNotSchedule" : "ScheduleAnyway",
		),
		constraint("topology.kubernetes.io/zone", "ScheduleAnyway"),
	];
}
