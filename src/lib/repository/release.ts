import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { readTextIfThere } from "../formats/file.js";
import { parseVersion } from "./number.js";

/** What `mlship.json` in a model's folder says of who is asked: labels, and how requests are shared out. */
export interface Release {
	readonly labels: ReadonlyMap<string, bigint>;
	readonly split?: Split;
}

/** How the requests that name no version are shared out to several. */
export interface Split {
	/** Versions with their weights, which are above zero. */
	readonly shares: readonly Share[];
	/** The header, in lower case, whose value always goes to the same version. */
	readonly header?: string;
}

export interface Share {
	readonly version: bigint;
	readonly weight: number;
}

export const RELEASE_FILE = "mlship.json";

const NO_RELEASE: Release = { labels: new Map() };

/**
 * Reads the release state of a model: `{"labels": {"stable": 2}, "split": {"1": 90, "2": 10}, "splitBy": "header x-user-id"}`,
 * all of it optional; without the file nothing is said. Fails with INVALID for what cannot be meant.
 */
export async function readRelease(modelPath: string): Promise<Release> {
	const path = join(modelPath, RELEASE_FILE);
	const text = await readFile(path, "utf8").catch((error: unknown) => {
		if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? ""))
			return undefined;
		throw asMlshipError(error);
	});
	return text === undefined ? NO_RELEASE : parseRelease(text, path);
}

const ABSENT = ["ENOENT", "ENOTDIR"];

/** The same at once; for commands. */
export function readReleaseSync(modelPath: string): Release {
	const path = join(modelPath, RELEASE_FILE);
	const text = readTextIfThere(path, MAX_RELEASE_BYTES);
	return text === undefined ? NO_RELEASE : parseRelease(text, path);
}

/** Thousands of changes with long messages. */
export const MAX_RELEASE_BYTES = 64 * 1024 ** 2;

/** Numbers of versions are read as text too, as JSON's numbers are exact to 16 digits only. */
export function parseRelease(text: string, path: string): Release {
	const wrong = wrongIn(path);
	return releaseOf(parsed(text, wrong), wrong);
}

/** The same of what was parsed. */
export function releaseOf(
	state: Readonly<Record<string, unknown>>,
	wrong: Wrong,
): Release {
	const { labels = {}, split, splitBy } = state;
	const shares = split === undefined ? [] : sharesOf(split, wrong);
	const header = splitBy === undefined ? undefined : headerOf(splitBy, wrong);
	return {
		labels: labelsOf(labels, wrong),
		...(shares.length > 0 && {
			split: { shares, ...(header !== undefined && { header }) },
		}),
	};
}

export function wrongIn(path: string): Wrong {
	return (what) =>
		fail("INVALID", `cannot read ${path}: ${what}`, { at: { file: path } });
}

export type Wrong = (what: string) => MlshipError;

export function parsed(text: string, wrong: Wrong): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw wrong(`it is not JSON: ${(cause as Error).message}`);
	}
	if (!isObject(value)) throw wrong("it holds no object");
	return value;
}

function labelsOf(value: unknown, wrong: Wrong): Map<string, bigint> {
	if (!isObject(value))
		throw wrong('"labels" is not an object of names with versions');
	return new Map(
		Object.entries(value).map(([label, number]) => {
			const version = parseVersion(String(number));
			if (version === undefined)
				throw wrong(
					`label "${label}" points to ${JSON.stringify(number)}, a version's number is wanted`,
				);
			return [label, version];
		}),
	);
}

function sharesOf(value: unknown, wrong: Wrong): Share[] {
	if (!isObject(value))
		throw wrong('"split" is not an object of versions with weights');
	const shares = Object.entries(value).map(([name, weight]) => {
		const version = parseVersion(name);
		if (version === undefined)
			throw wrong(`"split" has "${name}", a version's number is wanted`);
		if (typeof weight !== "number" || !(weight >= 0))
			throw wrong(
				`"split" gives version ${name} ${JSON.stringify(weight)}, a weight of 0 or more is wanted`,
			);
		return { version, weight };
	});
	return shares.filter(({ weight }) => weight > 0);
}

/** Names of headers: RFC 9110, 5.1. */
function headerOf(value: unknown, wrong: Wrong): string {
	const [, name] = /^header ([\w!#$%&'*+.^`|~-]+)$/.exec(String(value)) ?? [];
	if (name === undefined)
		throw wrong(
			`"splitBy" is ${JSON.stringify(value)}, "header NAME" is wanted`,
		);
	return name.toLowerCase();
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
