import type { SessionPort, Tensors } from "../engines/engine.js";
import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { Signature } from "../savedmodel/signature.js";
import { tensorFromProto } from "../tensor/proto.js";
import { type Shape, showShape } from "../tensor/tensor.js";
import { inputSizeWords } from "./input-size.js";
import type { LoadedVersion } from "./load.js";

/**
 * Runs a signature once: whoever asks, and by which protocol. Inputs that the signature has defaults for may be left out.
 * Fails with INVALID where inputs do not fit, all that is wrong being said at once. The buffers of `inputs` may be gone
 * afterwards, see `Session.run`. Once `signal` aborts, it need not begin.
 */
export function predict(
	version: LoadedVersion,
	key: string,
	inputs: Tensors,
	signal?: AbortSignal,
): Promise<Tensors> {
	return version.use(key, (session) => {
		const given = withDefaults(version.signature(key), inputs);
		checkInputs(key, session.inputs, given);
		return session.run(given, undefined, signal);
	});
}

/** Fails with INVALID, everything that does not fit being listed: names, element types, ranks and fixed dimensions. */
export function checkInputs(
	key: string,
	ports: readonly SessionPort[],
	inputs: Tensors,
): void {
	const problems = ports
		.map((port) => problemOf(port, inputs))
		.filter((problem) => problem !== undefined);
	if (Object.keys(inputs).length > ports.length - problems.length)
		problems.push(...strangers(ports, inputs));
	if (problems.length > 0)
		throw fail(
			"INVALID",
			`cannot run signature "${key}": ${problems.join("; ")}`,
			{ at: { signature: key }, ...upstreamWords(ports, inputs) },
		);
}

/** Upstream leaves everything but the number of inputs to the model. */
function upstreamWords(
	ports: readonly SessionPort[],
	inputs: Tensors,
): { readonly upstream?: string } {
	const sent = Object.keys(inputs);
	const wanted = ports.map(({ name }) => name);
	return sent.length === wanted.length
		? {}
		: { upstream: inputSizeWords(wanted, sent) };
}

function withDefaults({ defaults }: Signature, inputs: Tensors): Tensors {
	if (defaults.size === 0) return inputs;
	const filled: Record<string, Tensors[string]> = { ...inputs };
	for (const [name, proto] of defaults)
		if (!Object.hasOwn(inputs, name)) filled[name] = tensorFromProto(proto);
	return filled;
}

function problemOf(
	{ name, dtype, shape }: SessionPort,
	inputs: Tensors,
): string | undefined {
	if (!Object.hasOwn(inputs, name))
		return `input "${name}" is missing, ${dtype} ${showShape(shape)} is wanted`;
	const given = inputs[name];
	if (given.dtype !== dtype)
		return `input "${name}" is ${given.dtype}, ${dtype} is wanted`;
	if (!fits(given.shape, shape))
		return `input "${name}" has shape ${showShape(given.shape)}, ${showShape(shape)} is wanted`;
	return undefined;
}

function fits(found: readonly number[], wanted: Shape): boolean {
	if (wanted === undefined) return true;
	if (found.length !== wanted.length) return false;
	for (let axis = 0; axis < wanted.length; axis++)
		if (wanted[axis] >= 0 && wanted[axis] !== found[axis]) return false;
	return true;
}

function strangers(ports: readonly SessionPort[], inputs: Tensors): string[] {
	const names = ports.map(({ name }) => name);
	return Object.keys(inputs)
		.filter((name) => !names.includes(name))
		.map(
			(name) =>
				`it has no input "${name.slice(0, 100)}", nearest are ${quoted(nearest(name, names))}`,
		);
}
