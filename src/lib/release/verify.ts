import { join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { isFile } from "../formats/file.js";
import { onnxFileAt } from "../onnx/file.js";
import { checkManifest, MANIFEST_FILE } from "../repository/manifest.js";
import { isComplete } from "../repository/ready.js";
import { openVariables } from "../savedmodel/variables.js";
import { type LoadedVersion, loadModel } from "../serving/load.js";
import { WARM_UP_FILE, warmedUp } from "../serving/warm-up.js";

export interface VerifyOptions {
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string | undefined;
	/** The digest of the version's manifest, where `mlship.json` remembers it. */
	readonly digest?: string | undefined;
}

/** One thing that was looked at. */
export interface Check {
	readonly name: CheckName;
	/** `skipped` where there is nothing to look at, or where nothing can be told any more. */
	readonly state: "good" | "bad" | "skipped";
	/** What was found. */
	readonly told: string;
	readonly error?: MlshipError;
}

export type CheckName =
	| "structure"
	| "digests"
	| "checkpoint"
	| "loads"
	| "warm-up";

/** What a version is that was opened. */
export interface Works {
	/** Signatures that can run, sorted. */
	readonly signatures: readonly string[];
	/** Those that cannot, with the reason. */
	readonly refused: ReadonlyMap<string, MlshipError>;
	/** Why none runs, or why it cannot answer the requests that it brings. */
	readonly trouble: MlshipError | undefined;
}

/** Looks at all of a version, what it is said to be first; never fails. */
export async function verifyVersion(
	dir: string,
	options: VerifyOptions = {},
): Promise<Check[]> {
	const checks: Check[] = [];
	for (const { name, look } of LOOKS) {
		const isLost = checks.some(
			(check) => check.name === "structure" && check.state === "bad",
		);
		checks.push(
			isLost
				? { name, state: "skipped", told: "the version is not whole" }
				: await checked(name, () => look(dir, options)),
		);
	}
	return checks;
}

/** The first check that said no, as an error; undefined where all is well. */
export function firstTrouble(
	checks: readonly Check[],
): MlshipError | undefined {
	return checks.find(({ state }) => state === "bad")?.error;
}

async function checked(
	name: CheckName,
	look: () => Promise<Found> | Found,
): Promise<Check> {
	try {
		return { name, ...(await look()) };
	} catch (error) {
		const reason = asMlshipError(error);
		return { name, state: "bad", told: reason.message, error: reason };
	}
}

type Found = Pick<Check, "state" | "told">;

interface Look {
	readonly name: CheckName;
	look(dir: string, options: VerifyOptions): Promise<Found> | Found;
}

const good = (told: string): Found => ({ state: "good", told });
const skipped = (told: string): Found => ({ state: "skipped", told });

const LOOKS: readonly Look[] = [
	{ name: "digests", look: lookAtDigests },
	{ name: "structure", look: lookAtStructure },
	{ name: "checkpoint", look: lookAtCheckpoint },
	{ name: "loads", look: lookAtSignatures },
	{ name: "warm-up", look: lookAtWarmUp },
];

function lookAtStructure(dir: string): Found {
	const completeness = isComplete(dir);
	if (completeness.complete)
		return good("all files that the model mentions are there");
	throw fail("NOT_READY", completeness.reason, { at: { path: dir } });
}

async function lookAtDigests(
	dir: string,
	{ digest }: VerifyOptions,
): Promise<Found> {
	if (!isFile(join(dir, MANIFEST_FILE)) && digest === undefined)
		return skipped(`there is no ${MANIFEST_FILE}`);
	const { files } = await checkManifest(dir, { digest });
	return good(`the ${files.size} files are as they were added`);
}

/** Every tensor has a checksum of its own (tensor_bundle.proto, crc32c). */
function lookAtCheckpoint(dir: string): Found {
	const bundle = onnxFileAt(dir) === undefined ? openVariables(dir) : undefined;
	if (bundle === undefined) return skipped("there is no checkpoint");
	const readable = [...bundle.entries.values()].filter(
		({ dtype }) => dtype !== undefined && dtype !== "variant",
	);
	for (const { key } of readable) bundle.read(key);
	return good(`${readable.length} tensors match their checksums`);
}

async function lookAtSignatures(
	dir: string,
	options: VerifyOptions,
): Promise<Found> {
	const { signatures, refused, trouble } = await trySignatures(dir, options);
	if (trouble !== undefined) throw trouble;
	const reasons = [...refused].map(
		([key, { message }]) => `${key}: ${message}`,
	);
	return good(
		`signatures ${signatures.join(", ") || "none"} can run${reasons.length === 0 ? "" : `; others cannot: ${reasons.join("; ")}`}`,
	);
}

async function lookAtWarmUp(
	dir: string,
	options: VerifyOptions,
): Promise<Found> {
	if (!isFile(join(dir, WARM_UP_FILE)))
		return skipped("it brings no requests to warm up with");
	const records = await warmUp(dir, options);
	return good(`it answers the ${records} requests that it brings`);
}

/** Opens every signature, and runs the requests that a version brings. Fails with NOT_READY for one that is not whole. */
export async function checkWorks(
	dir: string,
	options: VerifyOptions,
): Promise<Works> {
	lookAtStructure(dir);
	const works = await trySignatures(dir, options);
	if (works.trouble !== undefined || !isFile(join(dir, WARM_UP_FILE)))
		return works;
	const trouble = await warmUp(dir, options).then(
		() => undefined,
		(error: unknown) => asMlshipError(error),
	);
	return { ...works, trouble };
}

async function trySignatures(
	dir: string,
	options: VerifyOptions,
): Promise<Works> {
	const refused = new Map<string, MlshipError>();
	let version: LoadedVersion;
	try {
		version = await open(dir, options);
	} catch (error) {
		return { signatures: [], refused, trouble: asMlshipError(error) };
	}
	try {
		const keys = [...version.signatures.keys()];
		for (const key of keys)
			await version
				.use(key, async () => undefined)
				.catch((error) => refused.set(key, asMlshipError(error)));
		const signatures = keys.filter((key) => !refused.has(key));
		return { signatures, refused, trouble: undefined };
	} finally {
		await version.close();
	}
}

async function warmUp(dir: string, options: VerifyOptions): Promise<number> {
	let count = 0;
	const observer = {
		loaded: () => undefined,
		unloaded: () => undefined,
		warmedUp: ({ records }: { readonly records: number }) => {
			count = records;
		},
	};
	const version = await warmedUp(await open(dir, options), {
		maxBody: MAX_BODY,
		observer,
	});
	await version.close();
	return count;
}

function open(dir: string, { engine }: VerifyOptions): Promise<LoadedVersion> {
	return loadModel(dir, {
		workers: 1,
		...(engine !== undefined && { engine }),
	});
}

/** Requests of a warm-up are a machine's own, and no stranger's. */
const MAX_BODY = 2 ** 31 - 1;
