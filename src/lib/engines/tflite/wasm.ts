import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fail } from "../../errors.js";
import { installed } from "../installed.js";

const PACKAGE = "@tensorflow/tfjs-tflite";

/** What to type where the runtime is not installed; its other parts, which want another TensorFlow.js, are not used. */
export const INSTALL_TFLITE = `npm install --legacy-peer-deps ${PACKAGE}@0.0.1-alpha.10`;

export function hasTflite(): boolean {
	return installed(`${PACKAGE}/package.json`) !== undefined;
}

/** The part of TensorFlow Lite's WebAssembly module that we use. */
export interface TfliteWasm {
	readonly HEAPU8: Uint8Array;
	_malloc(size: number): number;
	_free(at: number): void;
	readonly TFLiteWebModelRunner: {
		CreateFromBufferAndOptions(
			at: number,
			size: number,
			options: RunnerOptions,
		): MadeRunner;
	};
}

interface RunnerOptions {
	readonly numThreads: number;
	readonly enableProfiling: boolean;
	readonly maxProfilingBufferEntries: number;
}

interface MadeRunner {
	ok(): boolean;
	errorMessage(): string;
	value(): TfliteRunner;
	delete(): void;
}

export interface TfliteRunner {
	GetInputs(): TensorVector;
	GetOutputs(): TensorVector;
	Infer(): boolean;
	delete(): void;
}

interface TensorVector {
	size(): number;
	get(index: number): TfliteTensorInfo;
	delete(): void;
}

export interface TfliteTensorInfo {
	readonly dataType: string;
	/** `2,3`. */
	readonly shape: string;
	/** The elements where they lie in memory. */
	data(): TfliteData;
	delete(): void;
}

export type TfliteData =
	| Float32Array
	| Float64Array
	| Int32Array
	| Uint32Array
	| Int16Array
	| Int8Array
	| Uint8Array;

interface ModuleOptions {
	readonly wasmBinary: Uint8Array;
	readonly print: (line: string) => void;
	readonly printErr: (line: string) => void;
}

/** A module of its own, and what it says: errors are lines of text. */
export interface LoadedWasm {
	readonly wasm: TfliteWasm;
	/** The lines since it was asked last. */
	said(): string;
}

/** Loads the runtime. Fails with NOT_READY where it is not installed. */
export async function loadWasm(): Promise<LoadedWasm> {
	const found = installed(`${PACKAGE}/package.json`);
	if (found === undefined)
		throw fail("NOT_READY", "cannot run a .tflite file: nothing runs it here", {
			hint: INSTALL_TFLITE,
		});
	const folder = join(dirname(found), "wasm");
	const factory = createRequire(found)(
		join(folder, "tflite_web_api_cc_simd.js"),
	) as (options: ModuleOptions) => Promise<TfliteWasm>;
	let lines: string[] = [];
	const note = (line: string) => lines.push(line);
	const wasm = await factory({
		wasmBinary: readFileSync(join(folder, "tflite_web_api_cc_simd.wasm")),
		print: note,
		printErr: note,
	});
	return {
		wasm,
		said: () => {
			const text = lines.filter((line) => !line.startsWith("INFO")).join("; ");
			lines = [];
			return text;
		},
	};
}
