import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Where a package that mlship does not depend on is installed: beside mlship, or in the project of the current folder.
 * `undefined` if it is in neither; `from` starts from another module instead.
 */
export function installed(name: string, from?: string): string | undefined {
	const places =
		from === undefined
			? [import.meta.url, join(process.cwd(), "package.json")]
			: [from];
	for (const place of places) {
		try {
			return createRequire(place).resolve(name);
		} catch (error) {
			if (!isNotFound(error)) throw error;
		}
	}
	return undefined;
}

function isNotFound(error: unknown): boolean {
	const code = (error as NodeJS.ErrnoException).code;
	return (
		code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED"
	);
}
