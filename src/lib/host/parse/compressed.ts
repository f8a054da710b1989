import { constants, gunzipSync, inflateSync } from "node:zlib";
import { asMlshipError, fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";

/** Few bytes may hold many; this is for all strings of a tensor. */
const MAX_BYTES = 2 ** 28;

/** Of a string that is cut what can be read, as TensorFlow does. */
const finishFlush = constants.Z_SYNC_FLUSH;

const METHODS: Readonly<
	Record<string, (bytes: Uint8Array, limit: number) => Uint8Array>
> = {
	"": (bytes) => bytes,
	ZLIB: (bytes, maxOutputLength) =>
		inflateSync(bytes, { finishFlush, maxOutputLength }),
	GZIP: (bytes, maxOutputLength) =>
		gunzipSync(bytes, { finishFlush, maxOutputLength }),
};

/** Strings that zlib or gzip compressed. */
export const decodeCompressed: HostKernel = (node, [{ shape, data }]) => {
	const type = stringAttr(node, "compression_type");
	const decode = METHODS[type];
	if (decode === undefined)
		throw fail(
			"INVALID",
			`cannot decompress strings of type "${type}": wanted ZLIB, GZIP or none`,
		);
	let left = MAX_BYTES;
	const strings = (data as readonly Uint8Array[]).map((bytes, i, all) => {
		try {
			const text = decode(bytes, Math.max(left, 1));
			left -= text.length;
			return text;
		} catch (error) {
			throw fail(
				"INVALID",
				`cannot decompress string ${i} of ${all.length}: ${asMlshipError(error).message}`,
				{ cause: error },
			);
		}
	});
	return [{ dtype: "string", shape, data: strings }];
};
