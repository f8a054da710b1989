import type { Inspected } from "./inspect.js";
import type { Style } from "./style.js";

/** In the place of a model that cannot be inspected, among others that can. */
export function inlineError(
	{ name, version, path, error }: Inspected,
	style: Style,
): string {
	return `${style.title(`${name} ${version}`)}\n${style.faint(`  ${path}`)}\n\n${style.error("error:")} ${error?.message}\n`;
}
