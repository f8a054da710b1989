import { byBytes } from "../savedmodel/signature.js";

/**
 * What TensorFlow Serving says where not as many inputs were sent as a signature has (predict_util.cc,
 * VerifyRequestInputsSize).
 */
export function inputSizeWords(
	wanted: readonly string[],
	sent: readonly string[],
): string {
	const extra = sent.filter((name) => !wanted.includes(name));
	const missing = wanted.filter((name) => !sent.includes(name));
	return `input size does not match signature: ${sent.length}!=${wanted.length} len({${joined(sent)}}) != len({${joined(wanted)}}). Sent extra: {${joined(extra)}}. Missing but required: {${joined(missing)}}.`;
}

/** Upstream's sets are sorted. */
export function joined(names: readonly string[]): string {
	return [...names].sort(byBytes).join(",");
}
