import { curlLine } from "./curl.js";
import type { Inspected } from "./inspect.js";
import { enginesJson } from "./inspect-engines.js";
import { targetsJson } from "./inspect-targets.js";

/** What `inspect --json` prints: a list, whatever the number of models. */
export function inspectedJson(inspected: readonly Inspected[]): unknown {
	return {
		models: inspected.map(
			({ name, version, dir, summary, error, example, engines, targets }) => ({
				name,
				version: jsonVersion(version),
				dir,
				...(error === undefined
					? {}
					: { error: { code: error.code, message: error.message } }),
				...summary,
				...(engines === undefined ? {} : { engines: enginesJson(engines) }),
				...(targets === undefined ? {} : { targets: targetsJson(targets) }),
				...(example === undefined
					? {}
					: {
							example: {
								...example,
								body: JSON.parse(example.body),
								curl: curlLine(example.url, example.body),
							},
						}),
			}),
		),
	};
}

/** A number, or a string where a number would not hold it. */
export function jsonVersion(version: bigint): number | string {
	return version <= BigInt(Number.MAX_SAFE_INTEGER)
		? Number(version)
		: String(version);
}
