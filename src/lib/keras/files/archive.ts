import { closeSync, openSync, readSync } from "node:fs";
import { asMlshipError, fail } from "../../errors.js";
import {
	type ByteSource,
	type Hdf5File,
	openHdf5,
} from "../../formats/hdf5.js";
import {
	isStored,
	readZipDirectory,
	readZipEntry,
	type ZipEntry,
	zipEntryOffset,
} from "../../formats/zip.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import { showShape } from "../../tensor/tensor.js";
import { MAX_CONFIG_BYTES, parseConfig } from "../json.js";
import { type Layer, parseModel } from "../model.js";
import { misfit, missingText, type WeightSource } from "../weights.js";
import { datasetConstant } from "./dataset.js";
import { generationOf, type KerasFile } from "./file.js";

const CONFIG = "config.json";
const METADATA = "metadata.json";
const WEIGHTS = "model.weights.h5";

/** What a network of a packed file may unpack to in memory; stored weights have no limit. */
const MAX_PACKED_WEIGHTS = 2 ** 31 - 1;

/** Opens a `.keras` file (keras saving/saving_lib.py): a zip of config.json, metadata.json and model.weights.h5. */
export async function openKerasArchive(path: string): Promise<KerasFile> {
	const entries = readZipDirectory(path);
	const text = (name: string) => {
		const entry = entries.get(name);
		return entry === undefined
			? undefined
			: Buffer.from(readZipEntry(path, entry, MAX_CONFIG_BYTES)).toString();
	};
	const config = text(CONFIG);
	if (config === undefined)
		throw fail(
			"INVALID",
			`cannot read ${path} as a .keras file: the archive has no ${CONFIG}`,
			{ at: { file: path } },
		);
	const metadata = parseConfig(text(METADATA) ?? "{}", `${path}:${METADATA}`);
	const kerasVersion =
		typeof metadata.keras_version === "string" ? metadata.keras_version : "3";
	const generation = generationOf(kerasVersion);
	const model = parseModel(
		parseConfig(config, `${path}:${CONFIG}`),
		generation,
	);
	const weights = entries.get(WEIGHTS);
	if (weights === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot read the weights of ${path}: it has no ${WEIGHTS}, but ${[...entries.keys()].slice(0, 8).join(", ")}`,
			{ at: { file: path } },
		);
	const source = openEntry(path, weights);
	try {
		const file = await openHdf5(source);
		return {
			form: "keras",
			kerasVersion,
			generation,
			model,
			weights: weightsByPath(file, (name) => text(`assets/${name}`)),
			close: () => {
				file.close();
				source.close();
			},
		};
	} catch (error) {
		source.close();
		throw error;
	}
}

/** The bytes of an entry: in the file where they are stored, else unpacked. */
function openEntry(
	path: string,
	entry: ZipEntry,
): ByteSource & { close(): void } {
	const name = `${path}:${entry.name}`;
	if (!isStored(entry)) {
		const bytes = readZipEntry(path, entry, MAX_PACKED_WEIGHTS);
		return { ...heldSource(name, bytes), close: () => undefined };
	}
	const start = zipEntryOffset(path, entry);
	return rangeSource(path, name, { start, size: entry.packed });
}

function heldSource(name: string, bytes: Uint8Array): ByteSource {
	return {
		name,
		size: bytes.length,
		read: (target, position) => {
			const part = bytes.subarray(position, position + target.length);
			target.set(part);
			return part.length;
		},
	};
}

/** A part of a file. */
export function rangeSource(
	path: string,
	name: string,
	{ start, size }: { readonly start: number; readonly size: number },
): ByteSource & { close(): void } {
	try {
		const file = openSync(path, "r");
		return {
			name,
			size,
			read: (target, position) =>
				readSync(file, target, 0, target.length, start + position),
			close: () => closeSync(file),
		};
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** Keras before 2.14 called the group of layers by the attribute that tracks them. */
const OLD_LAYERS = "_layer_checkpoint_dependencies";

function weightsByPath(
	file: Hdf5File,
	assetAt: (name: string) => string | undefined,
): WeightSource {
	const top = file.children("/") ?? [];
	const rename = !top.includes("layers") && top.includes(OLD_LAYERS);
	const place = (path: string) =>
		rename ? path.replaceAll(/\blayers\//g, `${OLD_LAYERS}/`) : path;
	const constantAt = (path: string): Constant | undefined => {
		const dataset = file.dataset(path);
		return dataset === undefined ? undefined : datasetConstant(path, dataset);
	};
	return {
		find: (_layer, path, slots) =>
			slots.map((slot) => {
				if (slot.asset) {
					const text = assetAt(`${path}/${slot.path}`);
					if (text === undefined) throw missingText(slot);
					return linesConstant(text, slot.owner);
				}
				const whole = place(`${path}/${slot.path}`);
				const found = constantAt(whole) ?? constantAt(hidden(whole));
				if (found !== undefined) return found;
				throw misfit(
					slot.owner,
					`${slots.map(({ name }) => name).join(", ")} in ${path}`,
					listing(file, place(path)),
				);
			}),
	};
}

/**
 * As Keras reads them back: Keras 3 by Python's splitlines, blank ones at the end left out (index_lookup.py, load_assets). Here
 * those stay that the layer counted: an empty text may be the last word that it learned.
 */
function linesConstant(text: string, { generation, config }: Layer): Constant {
	const lines = text.split(
		generation === 2 ? "\n" : /\r\n|[\n\r\v\f\u0085\u2028\u2029]/,
	);
	const count = Number(config.vocabulary_size ?? 0);
	while (generation === 3 && lines.length > count && lines.at(-1) === "")
		lines.pop();
	return heldConstant({
		dtype: "string",
		shape: [lines.length],
		data: lines.map((line) => Buffer.from(line)),
	});
}

/** Keras 2 kept layers inside of layers under private names: `_query_dense`. */
function hidden(path: string): string {
	return path.replace(/([^/]+\/vars\/\d+)$/, "_$1");
}

const MAX_LISTED = 40;

/** What a file has below a group: `vars/0 [3,3]`. */
function listing(file: Hdf5File, path: string): string[] {
	const found: string[] = [];
	const walk = (group: string): void => {
		for (const name of file.children(group) ?? []) {
			if (found.length > MAX_LISTED) return;
			const place = `${group}/${name}`;
			const dataset = file.dataset(place);
			if (dataset === undefined) walk(place);
			else
				found.push(
					`${place.slice(path.length + 1)} ${showShape(dataset.shape)}`,
				);
		}
	};
	walk(path);
	return found;
}
