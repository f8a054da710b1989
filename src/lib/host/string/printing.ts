import { fail } from "../../errors.js";
import { boolAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import { fromBfloat16, fromFloat16 } from "../../tensor/half.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { fixed, general, scientific } from "./printf.js";
import { bytesOfLatin1, bytesOfUtf8, textResult } from "./text.js";

/** Numbers printed as C's printf does with the format that the attributes make (as_string_op.cc). */
export const asString: HostKernel = (node, [x]) => {
	const { kind } = DTYPES[x.dtype];
	checkFormat(node, kind);
	const print = printerOf(node);
	const width = intAttr(node, "width");
	const fill = stringAttr(node, "fill");
	const padded = (text: string) => pad(text, width, fill);
	if (kind === "string") {
		const texts = x.data as readonly Uint8Array[];
		return [
			textResult(
				x,
				width > 0
					? texts.map((text) =>
							bytesOfLatin1(padded(Buffer.from(text).toString("latin1"))),
						)
					: texts,
			),
		];
	}
	const made =
		kind === "complex"
			? complexTexts(x, (value) => print(value))
			: Array.from(valuesOf(x), (value) =>
					kind === "bool"
						? value
							? "true"
							: "false"
						: padded(isFloat(kind) ? print(Number(value)) : String(value)),
				);
	return [textResult(x, made.map(bytesOfUtf8))];
};

/** Refuses what as_string_op.cc refuses when a model is loaded. */
function checkFormat(node: Node, kind: string): void {
	const isScientific = boolAttr(node, "scientific");
	const isShortest = boolAttr(node, "shortest");
	const fill = stringAttr(node, "fill");
	const isExact = !isFloat(kind) && kind !== "complex" && kind !== "string";
	const reason =
		isScientific && isShortest
			? "scientific and shortest exclude one another"
			: isExact &&
					(isScientific || isShortest || intAttr(node, "precision") >= 0)
				? "scientific, shortest and precision are for numbers with a fraction"
				: /^[-+ 0]?$/.test(fill)
					? undefined
					: `found fill ${JSON.stringify(fill)}, wanted " ", "-", "+" or "0"`;
	if (reason !== undefined)
		throw fail("INVALID", `cannot print numbers: ${reason}`);
}

function isFloat(kind: string): boolean {
	return kind === "float" || kind === "half";
}

function valuesOf({ dtype, data }: Tensor): ArrayLike<number | bigint> {
	if (dtype === "float16") return fromFloat16(data as Uint16Array);
	if (dtype === "bfloat16") return fromBfloat16(data as Uint16Array);
	return data as ArrayLike<number | bigint>;
}

function printerOf(node: Node): (value: number) => string {
	const precision = intAttr(node, "precision");
	const digits = precision < 0 ? 6 : precision;
	if (boolAttr(node, "scientific")) return (value) => scientific(value, digits);
	if (boolAttr(node, "shortest")) return (value) => general(value, digits);
	return (value) => fixed(value, digits);
}

function complexTexts(
	{ data }: Tensor,
	print: (value: number) => string,
): string[] {
	const parts = data as Float32Array;
	return Array.from(
		{ length: parts.length / 2 },
		(_, i) => `(${print(parts[i * 2])},${print(parts[i * 2 + 1])})`,
	);
}

/** On the left with spaces or zeros, on the right for "-"; a sign stands before zeros. */
function pad(text: string, width: number, fill: string): string {
	if (fill === "-") return text.padEnd(width);
	if (fill !== "0" || !/\d/.test(text)) {
		const signed = fill === "+" || fill === " ";
		const sign = signed && !text.startsWith("-") ? fill : "";
		return (sign + text).padStart(width);
	}
	const sign = text.startsWith("-") ? "-" : "";
	return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}
