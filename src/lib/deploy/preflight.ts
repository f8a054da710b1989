import type { Finding } from "./finding.js";
import { connect } from "./k8s/kubectl.js";
import type { Service } from "./k8s/service.js";
import { inspectCluster } from "./preflight/cluster.js";
import { checkImage } from "./preflight/image.js";
import {
	checkDocker,
	checkKubectl,
	checkRuntime,
	type Machine,
} from "./preflight/machine.js";
import { checkModels } from "./preflight/models.js";
import type { Login } from "./registry.js";

export interface Examination {
	readonly machine: Machine;
	/** Where models are. */
	readonly models: string;
	/** What is to be deployed, as far as it is known. */
	readonly service: Service;
	readonly context?: string | undefined;
	readonly nodes?: number | undefined;
	/** An image that is to be pulled. */
	readonly image?: string | undefined;
	readonly login: (registry: string) => Promise<Login | undefined>;
}

/** What is missing here and in the cluster for models to be served; changes nothing, and fails at nothing that is missing. */
export async function examine(about: Examination): Promise<Finding[]> {
	const { machine, context, service, nodes, image, login } = about;
	const [docker, kubectl] = await Promise.all([
		checkDocker(machine),
		checkKubectl(machine, context),
	]);
	const cluster = kubectl.isUsable
		? await inspectCluster(connect({ ...machine, context }), service, nodes)
		: { findings: [] };
	const pulled =
		image === undefined
			? []
			: [(await checkImage(image, { login, hasSecret: false })).finding];
	return [
		...checkRuntime(),
		...checkModels(about.models),
		docker,
		...kubectl.findings,
		...cluster.findings,
		...pulled,
	];
}
