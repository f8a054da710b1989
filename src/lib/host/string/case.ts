import { fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { bytesOfUtf8, isAscii, textResult, textsOf, utf8 } from "./text.js";

/** Of bytes only ASCII letters have cases; of UTF-8 all letters that Unicode gives one, as ICU changes them without a language. */
export const lower: HostKernel = caseKernel(65, 90, (text) =>
	text.toLowerCase(),
);

export const upper: HostKernel = caseKernel(97, 122, (text) =>
	text.toUpperCase(),
);

/** Letters from `first` to `last` change. */
function caseKernel(
	first: number,
	last: number,
	ofText: (text: string) => string,
): HostKernel {
	const ofAscii = (bytes: Uint8Array) => {
		let at = 0;
		while (at < bytes.length && !(bytes[at] >= first && bytes[at] <= last))
			at++;
		if (at === bytes.length) return bytes;
		const result = new Uint8Array(bytes);
		for (; at < result.length; at++)
			if (result[at] >= first && result[at] <= last) result[at] ^= 32;
		return result;
	};
	return (node, [x]) => {
		const encoding = stringAttr(node, "encoding");
		if (encoding !== "" && encoding !== "utf-8")
			throw fail(
				"INVALID",
				`cannot change the case of letters: found encoding "${encoding}", wanted "utf-8" or ""`,
			);
		const convert =
			encoding === ""
				? ofAscii
				: (bytes: Uint8Array) =>
						isAscii(bytes) ? ofAscii(bytes) : bytesOfUtf8(ofText(utf8(bytes)));
		return [textResult(x, textsOf(x).map(convert))];
	};
}
