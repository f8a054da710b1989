import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { Target } from "./target.js";

/** THE table of targets; each is imported when it is chosen. */
export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
	web: async () => (await import("./targets/web.js")).webTarget,
	lite: async () => (await import("./targets/lite.js")).liteTarget,
	onnx: async () => (await import("./targets/onnx.js")).onnxTarget,
};

/** The target of a name. Fails with INVALID for an unknown one. */
export async function loadTarget(name: string): Promise<Target> {
	if (Object.hasOwn(TARGETS, name)) return TARGETS[name]();
	throw fail(
		"INVALID",
		`cannot convert to "${name}": the targets are ${quoted(nearest(name, Object.keys(TARGETS)))}`,
	);
}
