import { fail, MlshipError } from "../../lib/errors.js";
import { exampleRequest } from "../../lib/savedmodel/example.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
} from "../../lib/savedmodel/signature.js";
import type { Host } from "../../lib/serving/host.js";
import type { LoadedVersion } from "../../lib/serving/load.js";
import type { ModelTrouble } from "../../lib/serving/watch.js";
import type { Serving, ServingExample, ServingModel } from "../ui/serve.js";

/** What a host serves under its addresses, for REST and for gRPC, for `ui/serve.ts` to show. */
export function describeServing(
	host: Host,
	url: string,
	grpc?: string | undefined,
): Serving {
	const models = host.names.map((name) => describeModel(host, name));
	return { url, grpc, models, example: exampleOf(models, url) };
}

/** Where clients on this machine reach a server that listens at an address. */
export function urlOf(address: string, port: number, isSecure = false): string {
	return `${isSecure ? "https" : "http"}://${placeOf(address, port)}`;
}

/** The same without a scheme, as gRPC has it. */
export function placeOf(address: string, port: number): string {
	if (address === "0.0.0.0" || address === "::") return `localhost:${port}`;
	return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Why versions do not answer, and why signatures of those that do cannot run. */
export function failuresOf(host: Host): MlshipError[] {
	return host.names.flatMap((name) =>
		host.statuses(name).flatMap(({ version, state, error }) => {
			const title = `${name} version ${version}`;
			if (error !== undefined) return [titled(`cannot serve ${title}`, error)];
			if (state !== "AVAILABLE") return [];
			const { refused } = host.find(name, { version }).loaded;
			return [...refused.values()].map((reason) =>
				titled(`${title} is served in part`, reason),
			);
		}),
	);
}

/** Why models do not answer of which no version is known, as their folder is missing. */
export function absencesOf(
	host: Host,
	troubles: readonly ModelTrouble[],
): MlshipError[] {
	return troubles
		.filter(({ model }) => host.statuses(model).length === 0)
		.map(({ model, error }) => titled(`cannot serve ${model}`, error));
}

function titled(
	title: string,
	{ code, message, hint, at, cause }: MlshipError,
): MlshipError {
	return fail(code, `${title}: ${message}`, {
		...(hint === undefined ? {} : { hint }),
		...(at === undefined ? {} : { at }),
		cause,
	});
}

function describeModel(host: Host, name: string): ServingModel {
	const versions = host.statuses(name);
	const signatures = host.isAvailable(name)
		? callable(host.find(name).loaded)
		: [];
	return { name, versions, signatures };
}

/** The default signature first; without those that are known not to run. */
function callable({ signatures, refused }: LoadedVersion): Signature[] {
	const usable = [...signatures.values()].filter(
		({ key }) => !refused.has(key),
	);
	const isDefault = ({ key }: Signature) => key === DEFAULT_SIGNATURE;
	return [
		...usable.filter(isDefault),
		...usable.filter((signature) => !isDefault(signature)),
	];
}

/** A request for the first signature that one can be made up for. */
function exampleOf(
	models: readonly ServingModel[],
	url: string,
): ServingExample | undefined {
	for (const { name, signatures } of models)
		for (const signature of signatures) {
			const body = bodyFor(signature);
			if (body !== undefined)
				return {
					url: `${url}/v1/models/${encodeURIComponent(name)}:predict`,
					body,
				};
		}
	return undefined;
}

function bodyFor(signature: Signature): string | undefined {
	try {
		return exampleRequest(signature).body;
	} catch (error) {
		if (error instanceof MlshipError && error.code === "UNSUPPORTED")
			return undefined;
		throw error;
	}
}
