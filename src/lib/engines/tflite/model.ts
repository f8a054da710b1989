import { BuiltinOperator } from "../../../gen/tflite.js";
import { fail, MlshipError } from "../../errors.js";
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
import { PARTS } from "./parts.js";
import { Texts } from "./texts.js";
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
	"float16",
	"int8",
	"int16",
	"int32",
	"int64",
	"uint8",
	"uint16",
	"uint32",
	"uint64",
	"bool",
	"string",
]);

function byTensor(
	ports: readonly LiteFilePort[],
): ReadonlyMap<number, LiteFilePort> {
	return new Map(ports.map((port) => [port.tensor, port]));
}

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
		const given = this.#given(inputs);
		const texts = new Texts(this.#model, given);
		const made = await this.#guarded(async () => {
			const interpreter = await this.#interpreter(given, texts);
			return interpreter.run(given.flatMap(fedParts));
		});
		return this.#named(made, texts);
	}

	/** Tensors in the order of the graph's inputs. */
	#given(inputs: Tensors): readonly Tensor[] {
		const fed = byTensor(this.#signature.inputs);
		return (this.#graph.inputs ?? []).map((index) => {
			const port = fed.get(index);
			const tensor = port && inputs[port.name];
			if (tensor === undefined)
				throw fail("INVALID", `cannot run without input "${port?.name}"`);
			return tensor;
		});
	}

	#named(made: Given[], texts: Texts): Tensors {
		const ports = byTensor(this.#signature.outputs);
		const outputs = new Map<number, Tensor>();
		for (const index of this.#graph.outputs ?? [])
			outputs.set(index, joinedParts(made, texts, ports.get(index)?.dtype));
		return Object.fromEntries(
			this.#signature.outputs.map(({ name, tensor }) => [
				name,
				outputs.get(tensor) as Tensor,
			]),
		);
	}

	/** A module that trapped is broken: the next run loads another one. */
	async #guarded<T>(run: () => Promise<T>): Promise<T> {
		try {
			return await run();
		} catch (error) {
			if (error instanceof MlshipError) throw error;
			this.#current = undefined;
			this.#loaded = undefined;
			throw fail(
				"INVALID",
				"cannot run the .tflite file on these inputs: the runtime broke off",
				{ cause: error },
			);
		}
	}

	get #graph(): LiteFields<"SubGraph"> {
		return this.#model.subgraphs?.[this.#signature.graph] ?? {};
	}

	close(): void {
		this.#current?.interpreter.close();
		this.#current = undefined;
	}

	async #interpreter(
		inputs: readonly Tensor[],
		texts: Texts,
	): Promise<Interpreter> {
		const key = inputs.map(({ shape }) => shape).join(";");
		// texts are constants of the file
		const isFixed = inputs.some(({ dtype }) => dtype === "string");
		if (this.#current?.key === key && !isFixed)
			return this.#current.interpreter;
		this.close();
		this.#loaded ??= loadWasm();
		const loaded = await this.#loaded;
		const bytes = encodeFlatbuffer(
			LITE_SCHEMA,
			"Model",
			adapted(this.#model, this.#signature.graph, inputs, texts),
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
				`cannot open a .tflite file: ${whyNot(`${made.errorMessage()} ${loaded.said()}`)}`,
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

/** What is the matter, of all that the runtime says, where that is known. */
function whyNot(said: string): string {
	const custom = /unresolved custom op: ([\w.]+?)\./.exec(said)?.[1];
	if (custom !== undefined)
		return `its operator "${custom}" is none of TensorFlow Lite's own, and the runtime does not have it`;
	const newer = /builtin_code out of range: (\d+)/.exec(said)?.[1];
	if (newer !== undefined)
		return `the runtime, which is of 2022, has no ${nameOfOperator(Number(newer))}`;
	const version = /builtin opcode '(\w+)' version '(\d+)'/.exec(said);
	return version === null
		? said.trim()
		: `the runtime, which is of 2022, has no ${version[1]} of version ${version[2]}`;
}

function nameOfOperator(code: number): string {
	const found = Object.entries(BuiltinOperator).find(
		([, number]) => number === code,
	);
	return found?.[0] ?? `operator ${code}`;
}

function fedParts(tensor: Tensor): readonly Tensor[] {
	if (tensor.dtype === "string") return [];
	const parts = PARTS[tensor.dtype];
	return parts === undefined ? [tensor] : parts.fed(tensor);
}

/** Takes as many from the front as the type has parts. */
function joinedParts(
	made: Given[],
	texts: Texts,
	dtype: DType = "float32",
): Tensor {
	const parts = PARTS[dtype];
	const take = (type: DType) => typed(made.shift() as Given, type);
	if (dtype === "string") {
		const shape = [...(take("int32").data as Int32Array)];
		return texts.joined(shape, take("bool").data as Uint8Array);
	}
	return parts === undefined
		? take(dtype)
		: parts.joined(parts.types.map(take));
}

function typed({ shape, bytes }: Given, dtype: DType): Tensor {
	const View = DTYPES[dtype].array as Float32ArrayConstructor;
	return { dtype, shape, data: new View(bytes.buffer) };
}
