import type { Attrs } from "../../../src/lib/graph/ir.js";
import { hostRow } from "../../../src/lib/host/index.js";
import type { HostRun } from "../../../src/lib/host/kernel.js";
import { type HostValue, tensorOf } from "../../../src/lib/host/value.js";
import { opDef } from "../../../src/lib/ops/opdef.js";

/** What a step returns that needs no body and waits for nothing. */
export function runStep(
	op: string,
	inputs: readonly HostValue[],
	attrs: Attrs = {},
	run: HostRun = aRun(),
): readonly HostValue[] {
	const row = hostRow(
		{ op },
		inputs.map(({ dtype }) => dtype),
	);
	const defaults = [...(opDef(op)?.attrs ?? [])].flatMap(
		([name, { default: value }]) =>
			value === undefined ? [] : [[name, value] as const],
	);
	const node = {
		name: "node",
		op,
		inputs: [],
		outputs: [],
		attrs: { ...Object.fromEntries(defaults), ...attrs },
	};
	const made =
		typeof row === "function"
			? row(node, inputs.map(tensorOf))
			: row?.step(node, inputs, run);
	if (made === undefined || made instanceof Promise)
		throw new Error(`${op} gave nothing at once`);
	return made;
}

/** A run of a session that has no bodies. */
export function aRun(): HostRun {
	const resources = new Map<string, object>();
	return {
		call: () => Promise.reject(new Error("no bodies")),
		resource: <T extends object>(key: string, make: () => T): T => {
			const known = resources.get(key) ?? make();
			resources.set(key, known);
			return known as T;
		},
	};
}
