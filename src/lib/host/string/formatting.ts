import { fail } from "../../errors.js";
import { bytesAttr, intAttr } from "../../graph/attrs.js";
import { DTYPES } from "../../tensor/dtype.js";
import { fromBfloat16, fromFloat16 } from "../../tensor/half.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { general } from "./printf.js";
import { bytesOfLatin1, latin1 } from "./text.js";

/** A template with tensors in the place of placeholders, printed as Tensor::SummarizeValue prints them for tf.print. */
export const format: HostKernel = (node, inputs) => {
	const template = latin1(bytesAttr(node, "template"));
	const placeholder = latin1(bytesAttr(node, "placeholder"));
	const parts = template.split(placeholder);
	if (parts.length !== inputs.length + 1)
		throw fail(
			"INVALID",
			`cannot format ${inputs.length} tensors: the template has ${parts.length - 1} placeholders`,
		);
	const most = intAttr(node, "summarize");
	const text = parts.reduce(
		(made, part, i) => made + summary(inputs[i - 1], most) + part,
	);
	return [{ dtype: "string", shape: [], data: [bytesOfLatin1(text)] }];
};

/** All of it if `most` is negative; else that many elements at both ends of each axis. */
function summary(tensor: Tensor, most: number): string {
	const print = printed(tensor);
	const { shape } = tensor;
	if (shape.length === 0) return print(0);
	const row = (axis: number, start: number): string => {
		if (axis === shape.length) return print(start);
		const size = elementCount(shape.slice(axis + 1));
		const item = (i: number) => row(axis + 1, start + i * size);
		const length = shape[axis];
		const all = Array.from({ length }, (_, i) => i);
		if (most < 0 || length <= most * 2)
			return `[${all.map(item).join(separator(axis, shape.length))}]`;
		const gap = separator(axis, shape.length);
		const head = all.slice(0, most).map(item);
		const tail = all.slice(length - most).map(item);
		return `[${head.join(gap)}${["", "...", ...tail].join(gap)}]`;
	};
	return row(0, 0);
}

/** Rows stand on lines of their own, indented by their depth. */
function separator(axis: number, rank: number): string {
	const below = rank - axis - 1;
	return below === 0 ? " " : "\n".repeat(below) + " ".repeat(axis + 1);
}

function printed({ dtype, data }: Tensor): (i: number) => string {
	const { kind } = DTYPES[dtype];
	if (!ArrayBuffer.isView(data))
		return (i) => `"${latin1(data[i]).replace(/["'\\]|\p{Cc}/gu, inC)}"`;
	if (kind === "complex") return () => "?";
	if (kind !== "float" && kind !== "half") return (i) => String(data[i]);
	const numbers =
		dtype === "float16"
			? fromFloat16(data as Uint16Array)
			: dtype === "bfloat16"
				? fromBfloat16(data as Uint16Array)
				: (data as Float64Array);
	return (i) => readable(numbers[i], dtype === "float64");
}

/** As C writes it in a string; bytes beyond ASCII stay (absl::Utf8SafeCEscape). */
function inC(char: string): string {
	if (char > "\x7f") return char;
	const code = char.charCodeAt(0).toString(8).padStart(3, "0");
	return `\\${LETTERS[char] ?? (/["'\\]/.test(char) ? char : code)}`;
}

const LETTERS: Readonly<Record<string, string | undefined>> = {
	"\n": "n",
	"\r": "r",
	"\t": "t",
};

/** As many digits as always fit, or as many as read back as the same number (strings::StrCat of numbers, numbers.cc). */
function readable(value: number, isDouble: boolean): string {
	const [few, enough] = isDouble ? [15, 17] : [6, 9];
	const text = general(value, few);
	const back = isDouble ? Number(text) : Math.fround(Number(text));
	return back === value ? text : general(value, enough);
}
