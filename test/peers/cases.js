import { readFileSync } from "node:fs";
import { convertTensor } from "../../dist/lib/tensor/convert.js";
import { DTYPES } from "../../dist/lib/tensor/dtype.js";

/**
 * Questions and TensorFlow's answers, as fixtures/README.md describes them: {signature, inputs, outputs}, tensors by name. Those
 * that share a state are left out: a converted model keeps none.
 */
export function readCases(path) {
	return JSON.parse(readFileSync(path, "utf8").replace(TOKENS, asText))
		.filter(({ sequence }) => sequence === undefined)
		.map(({ signature, inputs, outputs, dtypes, shapes = {} }) => {
			const tensors = (values) =>
				Object.fromEntries(
					Object.entries(values).map(([name, value]) => [
						name,
						tensorOf(dtypes[name], value, shapes[name]?.map(numberOf)),
					]),
				);
			return {
				signature,
				inputs: tensors(inputs),
				outputs: tensors(outputs),
			};
		});
}

/** Strings, which stay, and whatever would lose digits as a number of JavaScript or is none in JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?(?:Infinity|\d[\d.eE+-]*)|NaN/g;

function asText(token) {
	return token.startsWith('"') ? token : `{"number":"${token}"}`;
}

function numberOf(leaf) {
	return typeof leaf === "boolean" ? Number(leaf) : Number(leaf.number);
}

function tensorOf(dtype, value, declared) {
	const shape = [];
	for (let level = value; Array.isArray(level); level = level[0])
		shape.push(level.length);
	const leaves = shape.length > 0 ? value.flat(shape.length) : [value];
	const given = { shape: declared ?? shape };
	const { kind } = DTYPES[dtype];
	if (kind === "string") return { ...given, dtype, data: leaves.map(bytesOf) };
	if (kind === "bigint")
		return {
			...given,
			dtype,
			data: DTYPES[dtype].array.from(leaves, ({ number }) => BigInt(number)),
		};
	const data = Float64Array.from(leaves, numberOf);
	return convertTensor({ ...given, dtype: "float64", data }, dtype);
}

function bytesOf(leaf) {
	return typeof leaf === "string"
		? Buffer.from(leaf)
		: Buffer.from(leaf.b64, "base64");
}
