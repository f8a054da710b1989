import { readVersion } from "../../lib/repository/version.js";
import {
	type ExampleRequest,
	exampleRequest,
} from "../../lib/savedmodel/example.js";
import { findMetaGraph, parseTags } from "../../lib/savedmodel/read.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
	listSignatures,
} from "../../lib/savedmodel/signature.js";
import type { InspectOptions } from "../inspect.js";

/** A request, and where `mlship serve` would take it. */
export interface Example extends ExampleRequest {
	readonly url: string;
}

/** An example for the signature that is asked for, else for the default one, else for the first. */
export function exampleOf(
	{ name, dir, path }: { name: string; dir: string; path: string },
	options: InspectOptions,
): Example {
	const tags = parseTags(options.tagSet);
	const metaGraph = findMetaGraph(readVersion(dir), tags);
	const keys = listSignatures(metaGraph).map(({ key }) => key);
	const key =
		options.signature ??
		(keys.includes(DEFAULT_SIGNATURE) ? DEFAULT_SIGNATURE : keys[0]);
	return {
		...exampleRequest(findSignature(metaGraph, key)),
		url: `${ADDRESS}/v1/models/${encodeURIComponent(name)}${path}:predict`,
	};
}

/** Where `mlship serve` listens unless it is told otherwise. */
const ADDRESS = "http://localhost:8501";
