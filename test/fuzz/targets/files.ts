import { ModelServerConfigSchema } from "../../../src/gen/model_config_pb.js";
import {
	AssetFileDefSchema,
	SavedModelSchema,
} from "../../../src/gen/saved_model_pb.js";
import {
	BatchingParametersSchema,
	MonitoringConfigSchema,
	SSLConfigSchema,
} from "../../../src/gen/serving_config_pb.js";
import { parseTextProto } from "../../../src/lib/formats/textproto.js";
import { readTfRecords } from "../../../src/lib/formats/tfrecord.js";
import { parseRelease } from "../../../src/lib/repository/release.js";
import { readModelServerConfig } from "../../../src/lib/serving/config/models.js";
import { parseConfig } from "../../../src/lib/serving/config/read.js";
import { runWarmUp } from "../../../src/lib/serving/grpc/warm-up.js";
import { loadModel } from "../../../src/lib/serving/load.js";
import { fakeEngine, HALF_PLUS_TWO } from "../../lib/serving/fake.js";
import { mutateText } from "../bytes.js";
import { anyOf } from "../outcome.js";
import { mutateRecords } from "../records.js";
import type { Target } from "../target.js";

const WORDS = [
	..."{}<>[]:;,#\"'-. \n\\".split(""),
	...["0x", "1e9", "inf", "nan", "true", "t", "-1", "99999999999999999999"],
	...["\\377", "\\x41", "\\u00e9", "\\U0010ffff", "key: ", "value: "],
	...["config ", "model_config_list ", "name: ", "base_path: ", "latest "],
	...["[type.googleapis.com/tensorflow.AssetFileDef] ", "node ", "attr "],
];

function textOf(bytes: Uint8Array): string {
	return new TextDecoder().decode(bytes);
}

/** A text is read as each of these files. */
export const configText: Target = {
	name: "config-text",
	codes: ["INVALID", "UNSUPPORTED"],
	mutate: mutateText(WORDS),
	rounds: 4000,
	read: (bytes) => {
		const text = textOf(bytes);
		return anyOf([
			...[
				BatchingParametersSchema,
				MonitoringConfigSchema,
				SSLConfigSchema,
			].map((schema) => () => parseConfig(schema, text, "f")),
			() => {
				const config = parseConfig(ModelServerConfigSchema, text, "f");
				return anyOf(
					(["default", "strict"] as const).map(
						(compat) => () => readModelServerConfig(config, compat),
					),
				);
			},
		]);
	},
};

/** A SavedModel as text, fields that nobody knows included. */
export const graphText: Target = {
	name: "graph-text",
	codes: ["INVALID"],
	mutate: mutateText(WORDS),
	rounds: 2000,
	read: (bytes) =>
		parseTextProto(SavedModelSchema, textOf(bytes), {
			source: "f",
			unknownFields: "skip",
			anyTypes: [AssetFileDefSchema],
		}),
};

export const release: Target = {
	name: "release",
	codes: ["INVALID"],
	mutate: mutateText(['"labels": ', '"split": ', '"splitBy": ', "{}", "1e400"]),
	rounds: 2000,
	read: (bytes) => parseRelease(textOf(bytes), "f"),
};

const version = await loadModel(`${HALF_PLUS_TWO}/00000123`, {}, fakeEngine);

/** Requests that a version brings, run on an engine that is none. */
export const warmUp: Target = {
	name: "warm-up",
	codes: ["CORRUPT", "INVALID", "UNSUPPORTED", "NOT_FOUND", "MISMATCH"],
	mutate: mutateRecords,
	rounds: 2000,
	read: async (bytes) => {
		const records = [...readTfRecords(bytes)];
		await runWarmUp(version, bytes, "f", { maxBody: 2 ** 20 });
		return records;
	},
};
