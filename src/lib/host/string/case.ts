import { stringAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { bytesOfUtf8, textResult, textsOf, utf8 } from "./text.js";

/** Of bytes only ASCII letters have cases; of UTF-8 all letters that Unicode gives one, as ICU changes them without a language. */
export const lower: HostKernel = caseKernel(
	(byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte),
	(text) => text.toLowerCase(),
);

export const upper: HostKernel = caseKernel(
	(byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte),
	(text) => text.toUpperCase(),
);

function caseKernel(
	ofByte: (byte: number) => number,
	ofText: (text: string) => string,
): HostKernel {
	return (node, [x]) => {
		const isUtf8 = stringAttr(node, "encoding").toLowerCase() === "utf-8";
		const convert = isUtf8
			? (bytes: Uint8Array) => bytesOfUtf8(ofText(utf8(bytes)))
			: (bytes: Uint8Array) => bytes.map(ofByte);
		return [textResult(x, textsOf(x).map(convert))];
	};
}
