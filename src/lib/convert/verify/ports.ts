import { fail } from "../../errors.js";
import type { Port } from "../../graph/ir.js";
import { quoted } from "../../nearest.js";
import { isComplex } from "../../passes/complex/pair.js";
import { showShape } from "../../tensor/tensor.js";
import type { ResultPort } from "../results/result.js";

/**
 * Which port of a result is which of the source, by the source's names. Other converters call ports after tensors
 * (`serving_default_x:0`, `Identity:0`): what no name tells, the element type and shape do, or that one port is left. Fails with
 * INVALID where that is not enough, all names being said.
 */
export function matchPorts(
	side: "input" | "output",
	wanted: readonly Port[],
	given: readonly ResultPort[],
): ReadonlyMap<string, ResultPort> {
	const found = new Map<string, ResultPort>();
	const left = () => {
		const taken = new Set(found.values());
		return given.filter((port) => !taken.has(port));
	};
	for (const rule of RULES)
		for (const port of wanted) {
			if (found.has(port.name)) continue;
			const others = wanted.filter(({ name }) => !found.has(name));
			const matching = left().filter(
				(other) => rule(port, other) && mayBe(port, other),
			);
			const rivals = others.filter((other) =>
				matching.some((match) => rule(other, match)),
			);
			if (matching.length === 1 && rivals.length === 1)
				found.set(port.name, matching[0]);
		}
	const lacking = wanted.filter(({ name }) => !found.has(name));
	if (lacking.length === 0 && (side === "output" || left().length === 0))
		return found;
	throw fail(
		"INVALID",
		`cannot compare the models: the source has ${side}s ${named(wanted)}, the result ${named(given)}`,
		{ hint: "name another signature with --signature" },
	);
}

type Rule = (wanted: Port, given: ResultPort) => boolean;

/** From the surest to what is left. */
const RULES: readonly Rule[] = [
	({ name }, given) => given.name === name,
	({ name }, given) => plain(given.name) === plain(name),
	(wanted, given) =>
		wanted.dtype === given.dtype &&
		showShape(wanted.shape) === showShape(given.shape),
	() => true,
];

/** One shape may be that of the other, as far as they are known; complex numbers may be pairs. */
function mayBe(wanted: Port, given: ResultPort): boolean {
	if (wanted.shape === undefined || given.shape === undefined) return true;
	const sizes = given.shape;
	const isPair = isComplex(wanted.dtype) && !isComplex(given.dtype);
	const shape = isPair ? [...wanted.shape, 2] : wanted.shape;
	return (
		shape.length === sizes.length &&
		shape.every((size, i) => size < 0 || sizes[i] < 0 || size === sizes[i])
	);
}

/** Without what converters put around a name. */
function plain(name: string): string {
	return name.replace(/^serving_default_/, "").replace(/(:|__)\d+$/, "");
}

function named(ports: readonly ResultPort[]): string {
	return quoted(
		ports.map(
			({ name, dtype, shape }) => `${name} ${dtype} ${showShape(shape)}`,
		),
	);
}
