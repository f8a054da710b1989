import type { Tensors } from "../../engines/engine.js";
import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import { quoted } from "../../nearest.js";
import type { Signature } from "../../savedmodel/signature.js";
import { showShape } from "../../tensor/tensor.js";
import { inputSizeWords, joined } from "../input-size.js";
import type { SentInput } from "./codec.js";
import type { Budget } from "./tensor-reader.js";

/**
 * The tensors of a request, by the names that a signature has; inputs with defaults may be left out. All of them together
 * stay within the budget. Fails with INVALID, in
 * the words of TensorFlow Serving (predict_util.cc, VerifyRequestInputsSize; cc/saved_model/util.cc, GetInputValues).
 */
export function inputsOf(
	signature: Signature,
	sent: ReadonlyMap<string, SentInput>,
	budget: Budget,
): Tensors {
	checkCount(signature, sent);
	const inputs: Record<string, Tensors[string]> = {};
	for (const { name, tensorName } of signature.inputs) {
		const input = sent.get(name);
		if (input !== undefined) inputs[name] = readInput(name, input, budget);
		else if (!signature.defaults.has(name))
			throw refused(
				signature,
				`Signature input alias: ${name}(feed name: ${tensorName}) not found in request and no default value provided. Inputs expected to be in the request {${keys(sent)}}, or default input alias set: ${keys(signature.defaults)}`,
			);
	}
	if (Object.keys(inputs).length !== sent.size)
		throw refused(
			signature,
			`Inputs contains invalid name. Used request inputs: ${joined(Object.keys(inputs))}, request input: ${keys(sent)}`,
		);
	return inputs;
}

function readInput(
	name: string,
	input: SentInput,
	budget: Budget,
): Tensors[string] {
	try {
		return input.read(budget);
	} catch (error) {
		const cause = asMlshipError(error);
		const upstream = `tensor parsing error: ${name}`;
		throw fail("INVALID", `${upstream}: ${cause.message}`, { upstream, cause });
	}
}

function checkCount(
	signature: Signature,
	sent: ReadonlyMap<string, SentInput>,
): void {
	const { inputs, defaults } = signature;
	if (
		sent.size === inputs.length ||
		(sent.size < inputs.length && defaults.size > 0)
	)
		return;
	const names = inputs.map(({ name }) => name);
	throw refused(signature, inputSizeWords(names, [...sent.keys()]));
}

/** Upstream's words, and then what the signature wants. */
function refused({ key, inputs }: Signature, upstream: string): MlshipError {
	const ports = inputs.map(
		({ name, dtype, shape }) =>
			`${quoted([name])} as ${dtype}${shape === undefined ? "" : ` of shape ${showShape(shape)}`}`,
	);
	return fail(
		"INVALID",
		`${upstream.trimEnd()} (signature "${key}" wants ${ports.join(", ") || "no inputs"})`,
		{ upstream },
	);
}

function keys(map: ReadonlyMap<string, unknown>): string {
	return joined([...map.keys()]);
}
