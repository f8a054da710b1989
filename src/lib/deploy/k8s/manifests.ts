import type { KubeObject } from "./object.js";
import { accountOf } from "./objects/account.js";
import { autoscalerOf } from "./objects/autoscaler.js";
import { budgetOf } from "./objects/budget.js";
import { configOf } from "./objects/config.js";
import { deploymentOf } from "./objects/deployment.js";
import { endpointOf, headlessOf } from "./objects/endpoints.js";
import { namespaceOf } from "./objects/namespace.js";
import { policyOf } from "./objects/policy.js";
import { routeOf } from "./objects/route.js";
import type { Service } from "./service.js";

/** A version beside the stable one, and the percentage of requests that it gets. */
export interface Canary {
	readonly service: Service;
	readonly percent: number;
}

/** All objects of a service, in an order in which they can be applied. */
export function manifestsOf(service: Service, canary?: Canary): KubeObject[] {
	const hasScaler = service.maxReplicas > service.replicas;
	const { gateway } = service.access;
	return [
		...(service.ownsNamespace ? [namespaceOf(service)] : []),
		accountOf(service),
		configOf(service, "stable"),
		policyOf(service),
		budgetOf(service),
		endpointOf(service, "stable"),
		headlessOf(service),
		deploymentOf(service, "stable", {
			replicas: hasScaler ? undefined : service.replicas,
		}),
		...(hasScaler ? [autoscalerOf(service)] : []),
		...(canary === undefined ? [] : canaryOf(canary)),
		...(gateway === undefined
			? []
			: [routeOf(service, gateway, canary?.percent)]),
	];
}

/** What a canary has of its own: replicas for its part of the requests, at least one, and a name to be reached by. */
export function canaryOf({ service, percent }: Canary): KubeObject[] {
	const replicas = Math.max(1, Math.ceil((service.replicas * percent) / 100));
	return [
		configOf(service, "canary"),
		endpointOf(service, "canary"),
		deploymentOf(service, "canary", { replicas }),
	];
}
