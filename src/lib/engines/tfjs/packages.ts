import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fail } from "../../errors.js";
import { isFile } from "../../formats/file.js";
import { installed } from "../installed.js";

const CONVERTER = "@tensorflow/tfjs-converter";
const WASM = "@tensorflow/tfjs-backend-wasm";
const CORE = "@tensorflow/tfjs-core";
const CPU = "@tensorflow/tfjs-backend-cpu";

/** What to type where TensorFlow.js is not installed; it is no dependency, having 90 MB. */
export const INSTALL_TFJS = `npm install ${CORE} ${CONVERTER} ${WASM}`;

/** Whether the packages of TensorFlow.js are there. */
export function hasTfjs(): boolean {
	const converter = installed(CONVERTER);
	return (
		converter !== undefined &&
		installed(CORE, converter) !== undefined &&
		installed(WASM) !== undefined
	);
}

/** A file that a page needs to run models. */
export interface BrowserFile {
	readonly name: string;
	readonly path: string;
}

/** TensorFlow.js as pages load it, scripts in order and what they fetch; `undefined` where it is not installed. */
export function browserFiles(): readonly BrowserFile[] | undefined {
	const converter = installed(CONVERTER);
	const places = new Map([
		[CORE, converter && installed(CORE, converter)],
		[CONVERTER, converter],
		[CPU, installed(WASM) && installed(CPU, installed(WASM))],
		[WASM, installed(WASM)],
	]);
	const files: BrowserFile[] = [];
	for (const [name, entry] of places) {
		if (entry === undefined) return undefined;
		for (const file of BROWSER_FILES[name])
			files.push({ name: file, path: join(dirname(entry), file) });
	}
	return files.every(({ path }) => isFile(path)) ? files : undefined;
}

const BROWSER_FILES: Readonly<Record<string, readonly string[]>> = {
	[CORE]: ["tf-core.min.js"],
	[CONVERTER]: ["tf-converter.min.js"],
	[CPU]: ["tf-backend-cpu.min.js"],
	[WASM]: [
		"tf-backend-wasm.min.js",
		"tfjs-backend-wasm.wasm",
		"tfjs-backend-wasm-simd.wasm",
		"tfjs-backend-wasm-threaded-simd.wasm",
	],
};

/** Where pages get it that have it not beside them. */
export const TFJS_ADDRESS =
	"https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js";

/** The part of TensorFlow.js that we use. */
export interface Tfjs extends TfjsCore {
	loadGraphModel(source: unknown): Promise<TfjsModel>;
}

interface TfjsCore {
	readonly io: { fromMemory(artifacts: object): unknown };
	enableProdMode(): void;
	env(): { set(flag: string, value: boolean): void };
	setBackend(name: string): Promise<boolean>;
	tensor(
		data: Float32Array | Int32Array | Uint8Array | readonly Uint8Array[],
		shape: readonly number[],
		dtype: string,
	): TfjsTensor;
	complex(real: TfjsTensor, imaginary: TfjsTensor): TfjsTensor;
	real(value: TfjsTensor): TfjsTensor;
	imag(value: TfjsTensor): TfjsTensor;
}

export interface TfjsTensor {
	readonly shape: readonly number[];
	readonly dtype: string;
	dataSync(): Float32Array | Int32Array | Uint8Array;
	dispose(): void;
}

export interface TfjsModel {
	execute(
		inputs: Readonly<Record<string, TfjsTensor>>,
		outputs: readonly string[],
	): TfjsTensor | TfjsTensor[];
	executeAsync(
		inputs: Readonly<Record<string, TfjsTensor>>,
		outputs: readonly string[],
	): Promise<TfjsTensor | TfjsTensor[]>;
	dispose(): void;
}

/** Loads TensorFlow.js with a backend; its banner about faster packages is no news to a user. */
export async function loadTfjs(backend: "wasm" | "cpu"): Promise<Tfjs> {
	const converter = installed(CONVERTER);
	const wasm = installed(WASM);
	if (converter === undefined || wasm === undefined)
		throw fail("NOT_READY", "cannot load TensorFlow.js: it is not installed", {
			hint: INSTALL_TFJS,
		});
	const require = createRequire(converter);
	const core = require(CORE) as TfjsCore;
	core.env().set("PROD", true);
	const { loadGraphModel } = require(converter) as Pick<Tfjs, "loadGraphModel">;
	createRequire(wasm)(CPU);
	if (backend === "wasm") require(wasm);
	if (!(await core.setBackend(backend)))
		throw fail("NOT_READY", `cannot start TensorFlow.js's ${backend} backend`);
	return { ...core, loadGraphModel };
}
