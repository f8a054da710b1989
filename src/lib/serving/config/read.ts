import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { asMlshipError, fail } from "../../errors.js";
import { isFile, readWhole } from "../../formats/file.js";
import { parseTextProto } from "../../formats/textproto.js";

/**
 * Reads a configuration file in protobuf's text format. Fails with NOT_FOUND where there is none, with INVALID in the
 * words of libprotobuf, line and column with them (`Error parsing text-format tensorflow.serving.SSLConfig: 3:7: …`).
 */
export function readConfigFile<Desc extends DescMessage>(
	schema: Desc,
	path: string,
): MessageShape<Desc> {
	return parseConfig(schema, readConfigText(path), path);
}

/** What stands in a configuration file; fails with NOT_FOUND where there is none. */
export function readConfigText(path: string): string {
	if (!isFile(path))
		throw fail("NOT_FOUND", `cannot read ${path}: there is no such file`, {
			at: { file: path },
		});
	return new TextDecoder().decode(readWhole(path, MAX_BYTES));
}

/** The same for a text; `source` is the name that errors mention. */
export function parseConfig<Desc extends DescMessage>(
	schema: Desc,
	text: string,
	source: string,
): MessageShape<Desc> {
	try {
		return parseTextProto(schema, text, {
			source,
			unknownFields: "reject",
			describePlace: (line, column) =>
				`Error parsing text-format ${schema.typeName}: ${line}:${column}`,
		});
	} catch (cause) {
		const { code, message, at } = asMlshipError(cause);
		// the place is libprotobuf's to tell (util/proto_util.h, ParseProtoTextFile)
		const upstream = `Invalid protobuf file: '${source}'`;
		throw fail(code, message, { ...(at && { at }), upstream, cause });
	}
}

/** A thousand times what the longest file that people write has. */
const MAX_BYTES = 64 * 1024 ** 2;
