import { fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import {
	compacted,
	type PackedTexts,
	packedTensor,
	packedTexts,
} from "../../tensor/packed-texts.js";
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
	const changed = Uint8Array.from({ length: 256 }, (_, byte) =>
		byte >= first && byte <= last ? byte ^ 32 : byte,
	);
	const ofAscii = (texts: PackedTexts): PackedTexts => {
		const made = compacted(texts);
		const { bytes } = made;
		for (let i = 0; i < bytes.length; i++) bytes[i] = changed[bytes[i]];
		return made;
	};
	return (node, [x]) => {
		const encoding = stringAttr(node, "encoding");
		if (encoding !== "" && encoding !== "utf-8")
			throw fail(
				"INVALID",
				`cannot change the case of letters: found encoding "${encoding}", wanted "utf-8" or ""`,
			);
		const texts = packedTexts(x);
		if (encoding === "" || isAscii(texts.bytes))
			return [packedTensor(x.shape, ofAscii(texts))];
		const convert = (bytes: Uint8Array) => bytesOfUtf8(ofText(utf8(bytes)));
		return [textResult(x, textsOf(x).map(convert))];
	};
}
