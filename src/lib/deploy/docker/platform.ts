import { fail } from "../../errors.js";

/** For what machines an image is. */
export interface Platform {
	/** As Docker writes it: `linux/amd64`. */
	readonly name: string;
	/** As Node's `process.arch` has it. */
	readonly arch: string;
}

/** Reads `linux/arm64`; fails with INVALID for anything else, with UNSUPPORTED for what Node.js has no image of. */
export function parsePlatform(text: string): Platform {
	const [, os, architecture] = /^([a-z]+)\/([a-z0-9]+)$/.exec(text) ?? [];
	if (os === undefined)
		throw fail(
			"INVALID",
			`cannot read platform ${JSON.stringify(text)}: linux/amd64 or linux/arm64 is wanted`,
		);
	const arch = ARCHITECTURES[architecture];
	if (os !== "linux" || arch === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot make an image for ${text}: linux/${Object.keys(ARCHITECTURES).join(", linux/")} can be made`,
		);
	return { name: text, arch };
}

/** This machine's processor, under the system that images have. */
export function ownPlatform(arch: string): Platform {
	const found = Object.entries(ARCHITECTURES).find(([, own]) => own === arch);
	return parsePlatform(`linux/${found?.[0] ?? arch}`);
}

/** Go's names, which Docker uses, and Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
	amd64: "x64",
	arm64: "arm64",
};
