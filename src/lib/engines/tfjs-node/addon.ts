import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fail } from "../../errors.js";
import { installed } from "../installed.js";

/**
 * The native part of @tensorflow/tfjs-node, libtensorflow behind a few functions (tfjs_binding.d.ts). It is loaded without
 * the package's JavaScript, which fails on Node.js 23 and later (util.isNullOrUndefined, tensorflow/tfjs#8609), cannot
 * read all SavedModels' signatures, and cuts int64 to 32 bits.
 */
export interface Addon {
	readonly TF_FLOAT: number;
	readonly TF_INT32: number;
	readonly TF_INT64: number;
	readonly TF_BOOL: number;
	readonly TF_STRING: number;
	readonly TF_UINT8: number;
	readonly TF_ATTR_TYPE: number;
	readonly TF_ATTR_BOOL: number;
	/** int64 as pairs of an Int32Array; the elements stay the caller's until the tensor is deleted. */
	createTensor(
		shape: readonly number[],
		dtype: number,
		data: ArrayBufferView | readonly Uint8Array[],
	): number;
	deleteTensor(id: number): void;
	tensorDataSync(id: number): ArrayBufferView | Uint8Array[];
	executeOp(
		op: string,
		attrs: readonly AddonAttr[],
		inputs: readonly number[],
		outputs: number,
	): AddonTensor[];
	loadSavedModel(dir: string, tags: string): number;
	deleteSavedModel(id: number): void;
	runSavedModel(
		id: number,
		inputs: readonly number[],
		inputNames: string,
		outputNames: string,
	): AddonTensor[];
}

export interface AddonAttr {
	readonly name: string;
	readonly type: number;
	readonly value: number | boolean;
}

export interface AddonTensor {
	readonly id: number;
	readonly shape: readonly number[];
	/** A number of `DataType`. */
	readonly dtype: number;
}

const PACKAGES = [
	"@tensorflow/tfjs-node",
	"@tensorflow/tfjs-node-gpu",
] as const;

/** Why the addon cannot be loaded, with what to type; `undefined` if it is there. */
export function addonObstacle(): string | undefined {
	const folder = packageFolder();
	if (folder === undefined)
		return `is not installed (npm install ${PACKAGES[0]})`;
	return addonPath(folder) === undefined
		? `has no native part in ${folder} (npm rebuild ${PACKAGES[0]} --build-addon-from-source)`
		: undefined;
}

/** Fails with NOT_READY where it is not installed. */
export function loadAddon(): Addon {
	const folder = packageFolder();
	const path = folder && addonPath(folder);
	if (path === undefined)
		throw fail("NOT_READY", `cannot load ${PACKAGES[0]}: it is not installed`, {
			hint: `npm install ${PACKAGES[0]}`,
		});
	return createRequire(import.meta.url)(path) as Addon;
}

function packageFolder(): string | undefined {
	for (const name of PACKAGES) {
		const path = installed(`${name}/package.json`);
		if (path !== undefined) return dirname(path);
	}
	return undefined;
}

/** The newest of `lib/napi-v8/tfjs_binding.node` that this Node.js can load. */
function addonPath(folder: string): string | undefined {
	const library = join(folder, "lib");
	const versions = folders(library)
		.map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1]))
		.filter((version) => version <= Number(process.versions.napi))
		.sort((a, b) => b - a);
	return versions
		.filter((version) =>
			folders(join(library, `napi-v${version}`)).includes(ADDON),
		)
		.map((version) => join(library, `napi-v${version}`, ADDON))
		.at(0);
}

const ADDON = "tfjs_binding.node";

function folders(path: string): readonly string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}
