import { createRequire } from "node:module";
import { fail } from "../../errors.js";
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
