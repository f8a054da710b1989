import { describe, expect, test } from "vitest";
import { ModelServerConfigSchema } from "../../../../src/gen/model_config_pb.js";
import {
	BatchingParametersSchema,
	MonitoringConfigSchema,
	SSLConfigSchema,
} from "../../../../src/gen/serving_config_pb.js";
import { MlshipError } from "../../../../src/lib/errors.js";
import { readModelServerConfig } from "../../../../src/lib/serving/config/models.js";
import { parseConfig } from "../../../../src/lib/serving/config/read.js";
import { random } from "../../../random.js";

const SCHEMAS = [
	ModelServerConfigSchema,
	BatchingParametersSchema,
	MonitoringConfigSchema,
	SSLConfigSchema,
] as const;

/** Reads bytes as each file; what is not read is refused as the caller's mistake, in few words. */
function readAsAll(bytes: Uint8Array): void {
	const text = new TextDecoder().decode(bytes);
	for (const schema of SCHEMAS)
		try {
			const message = parseConfig(schema, text, "f");
			if (message.$typeName === "tensorflow.serving.ModelServerConfig")
				readModelServerConfig(message, "default");
		} catch (error) {
			if (!(error instanceof MlshipError)) throw error;
			expect(["INVALID", "UNSUPPORTED"]).toContain(error.code);
			expect(error.message.length).toBeLessThan(2000);
		}
}

describe("a configuration file", () => {
	test("of random bytes is refused", () => {
		const next = random(1);
		for (let i = 0; i < 500; i++)
			readAsAll(Uint8Array.from({ length: i }, () => next(256)));
	});

	test.each([
		["messages in messages", "model_config_list { config { ".repeat(20_000)],
		["brackets", "[".repeat(20_000)],
		["comments", "#\n".repeat(1_000_000)],
		["digits", `allowed_batch_sizes: ${"9".repeat(1_000_000)}`],
		["hexadecimal digits", `allowed_batch_sizes: 0x${"f".repeat(1_000_000)}`],
		["letters", "a".repeat(1_000_000)],
		["a string", `server_key: "${"\\".repeat(1_000_000)}`],
	])("of many %s is read or refused", (_, text) => {
		readAsAll(Buffer.from(text));
	});
});
