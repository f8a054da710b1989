import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** Files that a reader had trouble with, or may have; a find of the mutations below is kept here. */
const CORPUS = join("fixtures", "serving", "corpus");
const SEEDS = readdirSync(CORPUS).map((name) => ({
	name,
	bytes: readFileSync(join(CORPUS, name)),
}));

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

/** Numbers from 0 to below 1, always the same ones (mulberry32). */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Bytes with a few of them changed, taken out, or repeated. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
	let result = Uint8Array.from(bytes);
	for (let i = 1 + random() * 4; i > 0; i--) {
		const at = Math.floor(random() * result.length);
		const end = at + Math.floor(random() * 8);
		const middle = [
			[Math.floor(random() * 256)],
			[],
			[...result.subarray(at, end), ...result.subarray(at, end)],
		][Math.floor(random() * 3)];
		result = Uint8Array.from([
			...result.subarray(0, at),
			...middle,
			...result.subarray(end),
		]);
	}
	return result;
}

describe("a configuration file", () => {
	test.each(SEEDS)("$name is read or refused", ({ bytes }) => {
		readAsAll(bytes);
	});

	test.each(SEEDS)(
		"$name is read or refused with mistakes in it",
		({ bytes }) => {
			const random = randomFrom(bytes.length);
			for (let i = 0; i < 300; i++) readAsAll(mutated(bytes, random));
		},
	);

	test("of random bytes is refused", () => {
		const random = randomFrom(1);
		for (let i = 0; i < 500; i++)
			readAsAll(
				Uint8Array.from({ length: i }, () => Math.floor(random() * 256)),
			);
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
