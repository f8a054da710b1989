import { basename, dirname } from "node:path";
import { checkManifest } from "../repository/manifest.js";
import { parseVersion } from "../repository/number.js";
import { readDigests } from "../repository/state.js";

/**
 * Compares the bytes of a version with its manifest, and that with the digest that `mlship.json` remembers. Fails with
 * MISMATCH where something was altered, with NOT_FOUND for a version without a manifest.
 */
export async function checkIntegrity(dir: string): Promise<void> {
	const version = parseVersion(basename(dir));
	const digest =
		version === undefined ? undefined : readDigests(dirname(dir)).get(version);
	await checkManifest(dir, { digest });
}
