import {
	cpSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { exportNetwork } from "../../../src/lib/keras/export.js";
import { openKerasFile } from "../../../src/lib/keras/open.js";
import { type Mutate, mutateBytes, mutateText } from "../bytes.js";
import type { Target } from "../target.js";

const FOLDER = mkdtempSync(join(tmpdir(), "mlship-fuzz-keras-"));
process.once("exit", () => rmSync(FOLDER, { recursive: true, force: true }));

const WORDS = [
	...'{}[]:,"-. '.split(""),
	...["null", "true", "1e99", "NaN", "-1", "99999999999", '"Lambda"'],
	...['"units"', '"inbound_nodes"', '"shape"', '"layers"', '"__slice__"'],
];

/** Exports a file of these bytes, its weights read. */
function exporting(name: string): Target["read"] {
	return async (bytes) => {
		const path = join(FOLDER, name);
		writeFileSync(path, bytes);
		const file = await openKerasFile(path);
		try {
			const { graph } = exportNetwork(file);
			for (const constant of graph.constants.values()) constant.read();
			return graph.nodes.length;
		} finally {
			file.close();
		}
	};
}

const CODES = ["INVALID", "UNSUPPORTED", "CORRUPT", "NOT_FOUND"] as const;

function target(
	name: string,
	seed: string,
	more: { readonly mutate?: Mutate; readonly rounds?: number } = {},
): Target {
	return {
		name,
		codes: CODES,
		mutate: mutateBytes,
		seeds: [seed],
		rounds: 60,
		read: exporting(seed.replace(/^.*\//, "")),
		...more,
	};
}

/** The configuration of a network by itself, as a layers model of TensorFlow.js without weights has it. */
function configOf(path: string): Uint8Array {
	const { "config.json": config } = unzipSync(readFileSync(path));
	return Buffer.from(
		`{"modelTopology": ${Buffer.from(config)}, "weightsManifest": []}`,
	);
}

const LAYERS_MODEL = "fixtures/keras/tfjs/model.json";
cpSync(dirname(LAYERS_MODEL), FOLDER, { recursive: true });

export const kerasFiles: readonly Target[] = [
	target("keras-archive", "fixtures/keras/digits.keras"),
	target("keras-hdf5", "fixtures/keras/digits.h5"),
	target("keras-layers-model", LAYERS_MODEL, {
		mutate: mutateText(WORDS),
		rounds: 300,
	}),
	{
		...target("keras-configuration", LAYERS_MODEL),
		mutate: mutateText(WORDS),
		seeds: [],
		texts: [configOf("fixtures/keras/digits.keras")],
		rounds: 300,
	},
];
