import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { bytesOfLatin1, latin1, textResult, textsOf } from "./text.js";

/** The web-safe alphabet of RFC 4648 §5, as tf.io.encode_base64 uses it; padded if asked for. */
export const encodeBase64: HostKernel = (node, [x]) => {
	const pads = boolAttr(node, "pad");
	return [
		textResult(
			x,
			textsOf(x).map(({ buffer, byteOffset, length }) => {
				const text = Buffer.from(buffer, byteOffset, length).toString(
					"base64url",
				);
				const missing = pads ? (4 - (text.length % 4)) % 4 : 0;
				return bytesOfLatin1(text + "=".repeat(missing));
			}),
		),
	];
};

export const decodeBase64: HostKernel = (_, [x]) => [
	textResult(
		x,
		textsOf(x).map((bytes, row) => {
			const text = latin1(bytes);
			if (!isWebSafe(text))
				throw fail(
					"INVALID",
					`cannot decode text ${row} as base64: wanted letters, digits, "-" and "_"`,
				);
			return Buffer.from(text, "base64url");
		}),
	),
];

/** Padding fills four characters up (base64.cc). */
function isWebSafe(text: string): boolean {
	const [, letters, pads] = /^([A-Za-z0-9_-]*)(={0,2})$/.exec(text) ?? [];
	if (letters === undefined || letters.length % 4 === 1) return false;
	return pads === "" || text.length % 4 === 0;
}
