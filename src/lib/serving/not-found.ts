import { fail, type MlshipError } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { VersionStatus } from "./host.js";

/** What is there instead of what a caller asked for. */
export interface Offer {
	readonly name: string;
	/** Of that model, the latest first. */
	readonly statuses: readonly VersionStatus[];
	/** Of all models. */
	readonly names: readonly string[];
}

/** TensorFlow Serving's words for a model or version that does not answer, and behind them why, or what does. */
export function notFound(upstream: string, offer: Offer): MlshipError {
	return fail("NOT_FOUND", `${upstream}; ${instead(offer)}`, { upstream });
}

/** The same for a label. */
export function noLabel(label: string, known: readonly string[]): MlshipError {
	const upstream = `Unrecognized servable version label: ${label}`;
	return fail(
		"INVALID",
		`${upstream}; the model's labels: ${quoted(nearest(label, known))}`,
		{ upstream },
	);
}

function instead({ name, statuses, names }: Offer): string {
	if (statuses.length === 0)
		return `the models: ${quoted(nearest(name, names))}`;
	const answering = statuses
		.filter(({ state }) => state === "AVAILABLE")
		.map(({ version }) => version);
	const failed = statuses.find(({ error }) => error !== undefined);
	return answering.length === 0 && failed?.error !== undefined
		? `version ${failed.version} did not load: ${failed.error.message}`
		: `the versions that answer: ${answering.join(", ") || "none"}`;
}
