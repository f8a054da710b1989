import { elementCount, type Tensor } from "../src/lib/tensor/tensor.js";
import { type Case, parseCases } from "./cases.js";
import { difference } from "./close.js";

/** TensorFlow Serving's two ways to write a request: rows and columns. */
export type Form = "instances" | "inputs";

/** Rows too where one input with a batch goes in and one output with as many rows comes out. */
export function formsOf({ inputs, outputs }: Case): Form[] {
	const [input, ...otherInputs] = Object.values(inputs);
	const [output, ...otherOutputs] = Object.values(outputs);
	const isRows =
		otherInputs.length + otherOutputs.length === 0 &&
		input?.shape[0] > 0 &&
		output.shape.length > 0;
	return isRows ? ["inputs", "instances"] : ["inputs"];
}

/** The body of a predict request. */
export function requestOf(
	{ signature, inputs, text }: Case,
	form: Form,
): string {
	const [only] = Object.keys(inputs);
	// {"only": value} without its braces and its name
	const value =
		form === "inputs"
			? text.inputs
			: text.inputs.slice(JSON.stringify(only).length + 2, -1);
	return `{"signature_name": ${JSON.stringify(signature)}, "${form}": ${value}}`;
}

/** The tensors of an answer, read without the library. */
export function answerOf(
	text: string,
	{ outputs }: Case,
	form: Form,
): Case["outputs"] {
	const key = form === "inputs" ? '"outputs": ' : '"predictions": ';
	const value = text.slice(
		text.indexOf(key) + key.length,
		text.lastIndexOf("}"),
	);
	const names = Object.keys(outputs);
	const named =
		names.length === 1 ? `{${JSON.stringify(names[0])}: ${value}}` : value;
	const rows = (pick: (output: Tensor) => unknown, only = names) =>
		JSON.stringify(
			Object.fromEntries(only.map((name) => [name, pick(outputs[name])])),
		);
	// a list without elements does not tell its shape
	const empty = names.filter((name) => elementCount(outputs[name].shape) === 0);
	const dtypes = rows(({ dtype }) => dtype);
	const shapes = rows(({ shape }) => shape.map(String), empty);
	const [answer] = parseCases(
		`[{"signature": "", "inputs": {}, "outputs": ${named}, "dtypes": ${dtypes}, "shapes": ${shapes}}]`,
	);
	return answer.outputs;
}

/** What of an answer differs from the expected; empty if nothing does. */
export function problems(
	actual: Case["outputs"],
	expected: Case["outputs"],
): string[] {
	return Object.entries(expected).flatMap(([name, tensor]) => {
		const problem = difference(actual[name], tensor);
		return problem === undefined ? [] : [`output "${name}": ${problem}`];
	});
}
