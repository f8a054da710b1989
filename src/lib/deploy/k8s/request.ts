import { isIP } from "node:net";
import { fail } from "../../errors.js";
import { parseImage } from "../image-reference.js";
import { checkName } from "../names.js";
import type { Gateway, Runtime, WeightsPlace } from "./service.js";

/** What is asked for, as people write it; each field is an option of the command line. */
export interface ServiceRequest {
	readonly name?: string | undefined;
	readonly namespace?: string | undefined;
	/** As many of the latest, a list, or all. */
	readonly versions?: string | undefined;
	readonly image?: string | undefined;
	readonly runtime?: Runtime | undefined;
	readonly nodes?: string | undefined;
	readonly replicas?: string | undefined;
	readonly maxReplicas?: string | undefined;
	readonly strict?: boolean | undefined;
	readonly cpu?: string | undefined;
	readonly memory?: string | undefined;
	readonly env?: readonly string[] | undefined;
	readonly pullSecret?: string | undefined;
	readonly tokenSecret?: string | undefined;
	readonly weights?: string | undefined;
	readonly loadBalancer?: boolean | undefined;
	readonly source?: readonly string[] | undefined;
	readonly allowNamespace?: readonly string[] | undefined;
	readonly gateway?: string | undefined;
	readonly hostname?: string | undefined;
}

/** How many replicas, and how many the autoscaler may make of them. */
export interface Counts {
	readonly nodes: number | undefined;
	readonly replicas: number;
	readonly maxReplicas: number;
}

/** Clusters have at most 5,000 nodes and 150,000 pods (kubernetes.io, "Considerations for large clusters"). */
const MAX_NODES = 5_000;
const MAX_REPLICAS = 150_000;

/**
 * `--nodes N` spreads over N worker nodes: N replicas where nobody says otherwise, which the autoscaler may make 3 N. Fails
 * with INVALID for what is no such number.
 */
export function readCounts(request: ServiceRequest): Counts {
	const nodes = readCount("--nodes", request.nodes, MAX_NODES);
	const replicas =
		readCount("--replicas", request.replicas, MAX_REPLICAS) ?? nodes ?? 2;
	const limit = readCount("--max-replicas", request.maxReplicas, MAX_REPLICAS);
	if (limit !== undefined && limit < replicas)
		throw fail(
			"INVALID",
			`cannot use --max-replicas ${limit}: there are ${replicas} replicas to begin with`,
			{ hint: `give --max-replicas ${replicas} for no autoscaler` },
		);
	const usual = Math.max(replicas, 3 * (nodes ?? replicas));
	return { nodes, replicas, maxReplicas: Math.min(usual, limit ?? usual) };
}

function readCount(
	option: string,
	text: string | undefined,
	most: number,
): number | undefined {
	if (text === undefined) return undefined;
	const count = Number(text);
	if (!/^\d{1,7}$/.test(text) || count < 1 || count > most)
		throw fail(
			"INVALID",
			`cannot use ${option} ${JSON.stringify(text)}: a number from 1 to ${most} is wanted`,
		);
	return count;
}

/** Processors of a replica, `500m` or `2`. */
export function readCpus(text: string | undefined): number {
	if (text === undefined) return 1;
	const [, amount, milli] = /^(\d{1,6}(?:\.\d{1,3})?)(m?)$/.exec(text) ?? [];
	const cpus = Number(amount) / (milli === "m" ? 1000 : 1);
	if (amount === undefined || !(cpus >= 0.001 && cpus <= 1024))
		throw fail(
			"INVALID",
			`cannot use --cpu ${JSON.stringify(text)}: a number of processors is wanted, as 2 or 500m`,
		);
	return cpus;
}

/** Memory of a replica; fewer than 64 MiB hold no server. */
export function readMemory(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	const [, amount, unit] =
		/^(\d{1,7}(?:\.\d{1,3})?)(Mi|Gi|M|G)$/.exec(text) ?? [];
	const bytes = Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
	if (!(bytes >= 64e6))
		throw fail(
			"INVALID",
			`cannot use --memory ${JSON.stringify(text)}: at least 64Mi is wanted, as 512Mi or 2Gi`,
		);
	return text;
}

const UNITS: Readonly<Record<string, number>> = {
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	M: 1e6,
	G: 1e9,
};

/** `NAME=VALUE` each; a value is any text that a line can hold. */
export function readEnv(texts: readonly string[] = []): Record<string, string> {
	return Object.fromEntries(
		texts.map((text) => {
			const at = text.indexOf("=");
			if (at < 0)
				throw fail(
					"INVALID",
					`cannot use --env ${JSON.stringify(text)}: NAME=VALUE is wanted`,
				);
			const name = checkName("variable", text.slice(0, at));
			const value = text.slice(at + 1);
			if (/\p{Cc}/u.test(value))
				throw fail(
					"INVALID",
					`cannot use the value of --env ${name}: it holds a control character, as a line's end`,
					{ hint: "put such texts into a file of the image" },
				);
			// Kubernetes replaces $(NAME) in values, and makes $ of $$
			return [name, value.replaceAll("$", "$$$$")];
		}),
	);
}

/** `image`, `volume=REF` or `pvc=CLAIM`. */
export function readWeights(text = "image"): WeightsPlace {
	if (text === "image") return { kind: "image" };
	const [, kind, value] = /^(volume|pvc)=(.+)$/s.exec(text) ?? [];
	if (kind === "volume") {
		parseImage(value);
		return { kind, image: value };
	}
	if (kind === "pvc") return { kind, claim: checkName("object", value) };
	throw fail(
		"INVALID",
		`cannot use --weights ${JSON.stringify(text)}: image, volume=IMAGE or pvc=CLAIM is wanted`,
	);
}

/** Networks in CIDR notation. */
export function readSources(texts: readonly string[] = []): string[] {
	return texts.map((text) => {
		const [address, length, ...rest] = text.split("/");
		const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
		if (
			rest.length > 0 ||
			!/^\d{1,3}$/.test(length ?? "") ||
			Number(length) > bits
		)
			throw fail(
				"INVALID",
				`cannot use --source ${JSON.stringify(text)}: a network is wanted, as 203.0.113.0/24`,
			);
		return text;
	});
}

/** `NAME` or `NAMESPACE/NAME`. */
export function readGateway(
	{ gateway, hostname }: ServiceRequest,
	namespace: string,
): Gateway | undefined {
	if (gateway === undefined) {
		if (hostname === undefined) return undefined;
		throw fail("INVALID", "cannot use --hostname without --gateway");
	}
	const parts = gateway.split("/");
	const name = parts.pop() ?? "";
	if (parts.length > 1)
		throw fail(
			"INVALID",
			`cannot use --gateway ${JSON.stringify(gateway)}: NAME or NAMESPACE/NAME is wanted`,
		);
	return {
		name: checkName("object", name),
		namespace:
			parts.length === 0 ? namespace : checkName("namespace", parts[0]),
		...(hostname !== undefined && { hostname: checkName("host", hostname) }),
	};
}
