import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./kubectl.js";
import { findLive, type LiveObject } from "./live.js";
import type { Service } from "./service.js";

interface LiveService extends LiveObject {
	readonly status?: {
		readonly loadBalancer?: {
			readonly ingress?: readonly {
				readonly ip?: string;
				readonly hostname?: string;
			}[];
		};
	};
}

/** Clouds take a minute or two: nobody waits for that here. */
const TRIES = 10;
const PAUSE_MS = 1_000;

/** Where the load balancer listens, if the cloud says so within ten seconds. */
export async function findAddress(
	cluster: Cluster,
	{ name, namespace }: Service,
): Promise<string | undefined> {
	for (let i = 0; i < TRIES; i++) {
		if (i > 0) await sleep(PAUSE_MS);
		const found = await findLive<LiveService>(
			cluster,
			"service",
			name,
			namespace,
		);
		const [first] = found?.status?.loadBalancer?.ingress ?? [];
		const address = first?.ip ?? first?.hostname;
		if (address !== undefined) return address;
	}
	return undefined;
}
