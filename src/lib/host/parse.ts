import type { parseOps } from "../ops/parse.js";
import type { HostFamily } from "./kernel.js";
import { decodeCompressed } from "./parse/compressed.js";
import { decodeCsv } from "./parse/csv.js";
import { exampleRows } from "./parse/examples.js";
import { decodeJsonExample } from "./parse/json-example.js";
import { encodeProto } from "./parse/proto-encoder.js";
import { decodeProto } from "./parse/proto-message.js";
import { rawRows } from "./parse/raw.js";
import { sequenceRows } from "./parse/sequences.js";
import { tensorMessageRows } from "./parse/tensor-message.js";

export const parseKernels: HostFamily<typeof parseOps> = {
	...exampleRows,
	...sequenceRows,
	...rawRows,
	...tensorMessageRows,
	DecodeCSV: decodeCsv,
	DecodeCompressed: decodeCompressed,
	DecodeJSONExample: decodeJsonExample,
	DecodeProtoV2: decodeProto,
	EncodeProto: encodeProto,
};
