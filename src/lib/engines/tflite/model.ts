import { fail } from "../../errors.js";
import { encodeFlatbuffer } from "../../formats/flatbuffer/encode.js";
import {
	type LiteFilePort,
	type LiteFileSignature,
	liteSignatures,
} from "../../lite/ports.js";
import { readLite } from "../../lite/read.js";
import { LITE_SCHEMA, type LiteFields } from "../../lite/schema.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { type Tensor, type Tensors, tensorBytes } from "../../tensor/tensor.js";
import { adapted } from "./adapted.js";
import { joinable, rejoined } from "./parts.js";
import { loadWasm, type TfliteRunner, type TfliteTensorInfo } from "./wasm.js";

/** A `.tflite` file that runs. Has a lifetime: until `close`. */
export interface LiteSession {
	readonly signature: LiteFileSignature;
	/** Takes and gives tensors by the names of the signature. Fails with INVALID where the runtime refuses them. */
	run(inputs: Tensors): Promise<Tensors>;
	close(): void;
}

/**
 * Opens a file with TensorFlow Lite's WebAssembly runtime, in this thread. Fails with NOT_READY where that is not installed,
 * NOT_FOUND for another signature than the file has, and as `readLite`.
 */
export async function openLite(
	bytes: Uint8Array,
	key?: string,
): Promise<LiteSession> {
	const model = readLite(bytes);
	const signatures = liteSignatures(model);
	const signature =
		key === undefined
			? signatures[0]
			: signatures.find((candidate) => candidate.key === key);
	if (signature === undefined)
		throw fail("NOT_FOUND", `cannot find signature "${key}"`, {
			hint: `it has ${signatures.map((found) => found.key).join(", ")}`,
		});
	for (const port of [...signature.inputs, ...signature.outputs])
		requireType(port);
	const runtime = new Runtime(model, signature, bytes.length);
	return {
		signature,
		run: (inputs) => runtime.run(inputs),
		close: () => runtime.close(),
	};
}

function requireType({ name, dtype }: LiteFilePort): void {
	if (!GIVEN.has(dtype))
		throw fail(
			"UNSUPPORTED",
			`cannot run a .tflite file with port "${name}": the WebAssembly runtime gives no ${dtype} to JavaScript`,
		);
}

const GIVEN: ReadonlySet<string> = new Set([
	"float32",
	"float64",
	"int8",
	"int16",
	"int32",
	"int64",
	"uint8",
	"uint32",
	"bool",
]);

/** One interpreter at a time: that for the shapes which were asked for last. */
class Runtime {
	readonly #model: LiteFields<"Model">;
	readonly #signature: LiteFileSignature;
	readonly #size: number;
	#loaded: ReturnType<typeof loadWasm> | undefined;
	#current:
		| { readonly key: string; readonly interpreter: Interpreter }
		| undefined;

	constructor(
		model: LiteFields<"Model">,
		signature: LiteFileSignature,
		size: number,
	) {
		this.#model = model;
		this.#signature = signature;
		this.#size = size;
	}

	async run(inputs: Tensors): Promise<Tensors> {
		const graph = this.#model.subgraphs?.[this.#signature.graph] ?? {};
		const byTensor = (ports: readonly LiteFilePort[]) =>
			new Map(ports.map((port) => [port.tensor, port]));
		const fed = byTensor(this.#signature.inputs);
		const given = (graph.inputs ?? []).map((index) => {
			const port = fed.get(index);
			const tensor = port && inputs[port.name];
			if (tensor === undefined)
				throw fail("INVALID", `cannot run without input "${port?.name}"`);
			return tensor;
		});
		const interpreter = await this.#interpreter(given);
		const made = interpreter.run(
			given.flatMap((tensor) =>
				tensor.dtype === "int64" ? joinable(tensor) : [tensor],
			),
		);
		const types = byTensor(this.#signature.outputs);
		const outputs = new Map<number, Tensor>();
		for (const index of graph.outputs ?? []) {
			const dtype = types.get(index)?.dtype ?? "float32";
			const tensor =
				dtype === "int64"
					? rejoined(
							(["int32", "float32", "float32"] as const).map((part) =>
								typed(made.shift() as Given, part),
							),
						)
					: typed(made.shift() as Given, dtype);
			outputs.set(index, tensor);
		}
		return Object.fromEntries(
			this.#signature.outputs.map(({ name, tensor }) => [
				name,
				outputs.get(tensor) as Tensor,
			]),
		);
	}

	close(): void {
		this.#current?.interpreter.close();
		this.#current = undefined;
	}

	async #interpreter(inputs: readonly Tensor[]): Promise<Interpreter> {
		const shapes = inputs.map(({ shape }) => shape);
		const key = shapes.join(";");
		if (this.#current?.key === key) return this.#current.interpreter;
		this.close();
		this.#loaded ??= loadWasm();
		const loaded = await this.#loaded;
		const bytes = encodeFlatbuffer(
			LITE_SCHEMA,
			"Model",
			adapted(this.#model, this.#signature.graph, shapes),
			this.#size + SLACK,
		);
		const interpreter = new Interpreter(loaded, bytes);
		this.#current = { key, interpreter };
		return interpreter;
	}
}

/** Bytes that a file may grow by when it is adapted, without being moved in memory. */
const SLACK = 4096;

/** A tensor as the runtime gives it. */
interface Given {
	readonly shape: readonly number[];
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A graph that is ready to run. Has a lifetime: until `close`. */
class Interpreter {
	readonly #wasm: Awaited<ReturnType<typeof loadWasm>>;
	readonly #at: number;
	readonly #runner: TfliteRunner;

	constructor(loaded: Awaited<ReturnType<typeof loadWasm>>, bytes: Uint8Array) {
		const { wasm } = loaded;
		this.#wasm = loaded;
		loaded.said();
		this.#at = wasm._malloc(bytes.length);
		wasm.HEAPU8.set(bytes, this.#at);
		const made = wasm.TFLiteWebModelRunner.CreateFromBufferAndOptions(
			this.#at,
			bytes.length,
			{ numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1 },
		);
		if (!made.ok())
			throw fail(
				"UNSUPPORTED",
				`cannot open a .tflite file: ${made.errorMessage()} ${loaded.said()}`.trim(),
			);
		this.#runner = made.value();
	}

	run(inputs: readonly Tensor[]): Given[] {
		this.#each(this.#runner.GetInputs(), (info, i) => {
			const bytes = tensorBytes(inputs[i]);
			const to = info.data();
			new Uint8Array(to.buffer, to.byteOffset, to.byteLength).set(bytes);
		});
		if (!this.#runner.Infer())
			throw fail(
				"INVALID",
				`cannot run the .tflite file on these inputs: ${this.#wasm.said()}`,
			);
		const made: Given[] = [];
		this.#each(this.#runner.GetOutputs(), (info) => {
			const data = info.data();
			made.push({
				shape: info.shape === "" ? [] : info.shape.split(",").map(Number),
				bytes: new Uint8Array(
					data.buffer,
					data.byteOffset,
					data.byteLength,
				).slice(),
			});
		});
		return made;
	}

	close(): void {
		this.#runner.delete();
		this.#wasm.wasm._free(this.#at);
	}

	#each(
		list: ReturnType<TfliteRunner["GetInputs"]>,
		use: (info: TfliteTensorInfo, index: number) => void,
	): void {
		for (let i = 0; i < list.size(); i++) {
			const info = list.get(i);
			use(info, i);
			info.delete();
		}
		list.delete();
	}
}

function typed({ shape, bytes }: Given, dtype: DType): Tensor {
	const View = DTYPES[dtype].array as Float32ArrayConstructor;
	return { dtype, shape, data: new View(bytes.buffer) };
}
