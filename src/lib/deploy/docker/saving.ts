import type { DeployedModel } from "../models.js";
import { type ImageSizes, sum } from "./sizes.js";

/** The one thing to leave out that makes an image smaller by most. */
export interface Saving {
	readonly bytes: number;
	/** What it is, and what to type. */
	readonly advice: string;
}

/** Undefined where there is nothing of a megabyte or more to save. */
export function biggestSaving(
	models: readonly DeployedModel[],
	{ base = 0 }: ImageSizes,
): Saving | undefined {
	const candidates = [...models.map(olderVersions), largeBase(base)];
	return candidates
		.filter((saving) => saving !== undefined && saving.bytes >= 1e6)
		.sort((a, b) => (b?.bytes ?? 0) - (a?.bytes ?? 0))[0];
}

function olderVersions({ name, versions }: DeployedModel): Saving | undefined {
	const older = versions.slice(0, -1);
	if (older.length === 0) return undefined;
	const numbers = older.map(({ version }) => version).join(", ");
	return {
		bytes: sum(older.map(({ byteLength }) => byteLength)),
		advice: `${name} without ${older.length === 1 ? "version" : "versions"} ${numbers}: --versions 1`,
	};
}

/** node:22 has a gigabyte of compilers; node:22-bookworm-slim has a quarter of it. */
const SLIM_BASE = 300e6;

function largeBase(base: number): Saving | undefined {
	return base > 2 * SLIM_BASE
		? {
				bytes: base - SLIM_BASE,
				advice: "a slim base, as --base node:22-bookworm-slim",
			}
		: undefined;
}
