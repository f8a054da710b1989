import { BuiltinOperator } from "../../../gen/tflite.js";
import { fail } from "../../errors.js";
import { encodeFlatbuffer } from "../../formats/flatbuffer/encode.js";
import type { LaterBytes } from "../../formats/flatbuffer/schema.js";
import {
	LITE_SCHEMA,
	LITE_VERSION,
	type LiteFields,
	type LiteOp,
	liteType,
} from "../../lite/schema.js";
import { encodeStrings } from "../../lite/strings.js";
import type { Constant } from "../../tensor/constant.js";
import { tensorBytes } from "../../tensor/tensor.js";
import type { LiteGraph, LiteModel, LitePort, LiteTensor } from "./graph.js";
import { firstRuntime, laterRuntime, operatorVersion } from "./versions.js";

/** The bytes of a `.tflite` file. Weights are read one after the other as they are written. */
export function writeLite(model: LiteModel): Uint8Array {
	const buffers = new Buffers();
	const codes = new OperatorCodes();
	const subgraphs = model.graphs.map((graph) =>
		subgraph(graph, buffers, codes),
	);
	const runtime = buffers.text(codes.runtime, RUNTIME_BYTES);
	if (buffers.byteLength > MAX_BYTES)
		throw fail(
			"UNSUPPORTED",
			`cannot write a .tflite file of ${buffers.byteLength} bytes of weights: it holds 2 GB at most`,
			{ hint: "quantize its weights, or convert to onnx" },
		);
	return encodeFlatbuffer(
		LITE_SCHEMA,
		"Model",
		{
			version: LITE_VERSION,
			description: "mlship",
			operatorCodes: codes.all,
			subgraphs,
			buffers: buffers.all,
			metadata: [{ name: "min_runtime_version", buffer: runtime }],
			signatureDefs: model.signatures.map(
				({ key, inputs, outputs, graph }) => ({
					signatureKey: key,
					inputs: inputs.map(tensorMap),
					outputs: outputs.map(tensorMap),
					subgraphIndex: graph,
				}),
			),
		},
		sizeOf(model, buffers),
	);
}

/** A flatbuffer's offsets have 32 bits, one of them for the sign in some readers. */
const MAX_BYTES = 2 ** 31 - 2 ** 20;

/** What readers of `min_runtime_version` reserve. */
const RUNTIME_BYTES = 16;

function tensorMap({ name, tensor }: LitePort): LiteFields<"TensorMap"> {
	return { name, tensorIndex: tensor };
}

function subgraph(
	graph: LiteGraph,
	buffers: Buffers,
	codes: OperatorCodes,
): LiteFields<"SubGraph"> {
	return {
		name: graph.name,
		inputs: graph.inputs,
		outputs: graph.outputs,
		tensors: graph.tensors.map((tensor) => tensorFields(tensor, buffers)),
		operators: graph.operators.map((operator) => ({
			opcodeIndex: codes.place(
				operator.op,
				operatorVersion(operator, graph.tensors),
			),
			inputs: operator.inputs,
			outputs: operator.outputs,
			builtinOptions: operator.options,
		})),
	};
}

function tensorFields(
	{ name, dtype, shape, constant, quantization, isVariable }: LiteTensor,
	buffers: Buffers,
): LiteFields<"Tensor"> {
	const type = liteType(dtype);
	if (type === undefined)
		throw fail("BUG", `tensor "${name}" of ${dtype} was to be written`);
	const isDynamic = shape?.some((size) => size < 0);
	return {
		name,
		type,
		shape: shape?.map((size) => Math.abs(size)) ?? [],
		hasRank: shape !== undefined,
		...(isDynamic ? { shapeSignature: shape } : {}),
		...(isVariable ? { isVariable } : {}),
		buffer: constant === undefined ? 0 : buffers.place(constant),
		...(quantization === undefined
			? {}
			: {
					quantization: {
						scale: quantization.scale,
						zeroPoint: quantization.zeroPoint.map(BigInt),
						quantizedDimension: quantization.axis,
					},
				}),
	};
}

/** The buffers of a file; the first is the one of tensors that have none. Has a lifetime: one file. */
class Buffers {
	readonly all: LiteFields<"Buffer">[] = [{}];
	byteLength = 0;
	readonly #places = new Map<Constant, number>();

	place(constant: Constant): number {
		const known = this.#places.get(constant);
		if (known !== undefined) return known;
		const place = this.#add(bytesOf(constant));
		this.#places.set(constant, place);
		return place;
	}

	text(text: string, size: number): number {
		const bytes = new Uint8Array(size);
		new TextEncoder().encodeInto(text, bytes);
		return this.#add(bytes);
	}

	#add(data: Uint8Array | LaterBytes): number {
		this.byteLength += data.byteLength;
		this.all.push({ data });
		return this.all.length - 1;
	}
}

function bytesOf(constant: Constant): Uint8Array | LaterBytes {
	if (constant.dtype === "string")
		return encodeStrings(constant.read().data as readonly Uint8Array[]);
	const { byteLength } = constant;
	return { byteLength, read: () => tensorBytes(constant.read()) };
}

/** Kinds of operators in the file. Has a lifetime: one file. */
class OperatorCodes {
	readonly all: LiteFields<"OperatorCode">[] = [];
	/** The first release of TensorFlow that runs all of them; empty if none is needed. */
	runtime = "";
	readonly #places = new Map<string, number>();

	place(op: LiteOp, version: number): number {
		const key = `${op} ${version}`;
		const known = this.#places.get(key);
		if (known !== undefined) return known;
		const code = BuiltinOperator[op];
		this.#places.set(key, this.all.length);
		this.all.push({
			// older readers know this field alone, and take the greatest number in it as a sign to read the other
			deprecatedBuiltinCode: Math.min(
				code,
				BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES,
			),
			builtinCode: code,
			version,
		});
		const runtime = firstRuntime(op, version);
		if (runtime !== undefined)
			this.runtime = laterRuntime(runtime, this.runtime);
		return this.all.length - 1;
	}
}

/** A bit more than the file takes. */
function sizeOf({ graphs }: LiteModel, buffers: Buffers): number {
	const items = graphs.reduce(
		(sum, { tensors, operators }) => sum + tensors.length + operators.length,
		0,
	);
	return buffers.byteLength + 4096 + 48 * buffers.all.length + 320 * items;
}
