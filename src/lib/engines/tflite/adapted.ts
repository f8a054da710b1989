import { BuiltinOperator, TensorType } from "../../../gen/tflite.js";
import type { LiteFields, LiteOp, LiteOptions } from "../../lite/schema.js";
import { encodeStrings } from "../../lite/strings.js";
import type { Tensor } from "../../tensor/tensor.js";
import { inSignedBits } from "./bits.js";
import { inFloats } from "./floats.js";
import { withFloatRows } from "./hybrid.js";
import type { Texts } from "./texts.js";

type Model = LiteFields<"Model">;
type Graph = LiteFields<"SubGraph">;

/**
 * A file for inputs of these shapes, which the runtime takes from the file alone, and whose ports of types that its interface to
 * JavaScript lacks go in and out in parts (`parts.ts`).
 */
export function adapted(
	model: Model,
	place: number,
	inputs: readonly Tensor[],
	texts: Texts,
): Model {
	const adaptation = new Adaptation(
		inSignedBits(inFloats(withFloatRows(model))),
		place,
		texts,
	);
	adaptation.resize(inputs);
	return adaptation.model();
}

/** A graph with operators before and behind it. Has a lifetime: one file. */
class Adaptation {
	readonly #model: Model;
	readonly #place: number;
	readonly #texts: Texts;
	readonly #graph: Graph;
	readonly #tensors: LiteFields<"Tensor">[];
	readonly #codes: LiteFields<"OperatorCode">[];
	readonly #buffers: LiteFields<"Buffer">[];

	constructor(model: Model, place: number, texts: Texts) {
		this.#texts = texts;
		this.#model = model;
		this.#place = place;
		this.#graph = model.subgraphs?.[place] ?? {};
		this.#tensors = [...(this.#graph.tensors ?? [])];
		this.#codes = [...(model.operatorCodes ?? [])];
		this.#buffers = [...(model.buffers ?? [])];
	}

	resize(inputs: readonly Tensor[]): void {
		for (const [i, index] of (this.#graph.inputs ?? []).entries()) {
			const { dtype, shape, data } = inputs[i];
			this.#tensors[index] = {
				...this.#tensors[index],
				shape,
				shapeSignature: undefined,
				...(dtype === "string"
					? { buffer: this.#strings(data as readonly Uint8Array[]) }
					: {}),
			};
		}
	}

	#strings(texts: readonly Uint8Array[]): number {
		return this.#buffers.push({ data: encodeStrings(texts) }) - 1;
	}

	model(): Model {
		const before: LiteFields<"Operator">[] = [];
		const after: LiteFields<"Operator">[] = [];
		const inputs = (this.#graph.inputs ?? []).flatMap((index) =>
			this.#fed(index, before),
		);
		const outputs = (this.#graph.outputs ?? []).flatMap((index) =>
			this.#given(index, after),
		);
		const subgraphs = [...(this.#model.subgraphs ?? [])];
		// the interpreter runs the first graph
		if (this.#place > 0) subgraphs[this.#place] = subgraphs[0];
		subgraphs[0] = {
			...this.#graph,
			tensors: this.#tensors,
			inputs,
			outputs,
			operators: [...before, ...(this.#graph.operators ?? []), ...after],
		};
		return {
			...this.#model,
			operatorCodes: this.#codes,
			buffers: this.#buffers,
			subgraphs,
		};
	}

	/** x = high · 2³² + middle · 2³¹ + low */
	#joined(index: number, operators: LiteFields<"Operator">[]): number[] {
		const parts = [2n ** 32n, 2n ** 31n, 1n].map((factor) => ({
			part: this.#tensor(index, TensorType.INT32),
			factor,
		}));
		const long = (op: LiteOp, version: number, inputs: readonly number[]) =>
			this.#operator(operators, op, version, inputs, index, TensorType.INT64);
		const [high, middle, low] = parts.map(({ part, factor }) => {
			const wide = long("CAST", 1, [part]);
			return factor === 1n
				? wide
				: long("MUL", 5, [wide, this.#number(factor)]);
		});
		const upper = long("ADD", 4, [high, middle]);
		operators.push(this.#made("ADD", 4, [upper, low], index));
		return parts.map(({ part }) => part);
	}

	/** The lowest 32 bits, the 16 above them and the 16 above these: each fits into a type that is given. */
	#parted(index: number, operators: LiteFields<"Operator">[]): number[] {
		const long = (op: LiteOp, version: number, x: number, y: number) =>
			this.#operator(operators, op, version, [x, y], index, TensorType.INT64);
		const below = (value: number, limit: bigint) =>
			long("FLOOR_MOD", 1, value, this.#number(limit));
		const low = below(index, 2n ** 32n);
		const rest = long("SUB", 4, index, low);
		const middle = below(rest, 2n ** 48n);
		const high = long("SUB", 4, rest, middle);
		const cast = (value: number, type: number) =>
			this.#operator(operators, "CAST", 1, [value], index, type);
		return [
			cast(low, TensorType.INT32),
			cast(middle, TensorType.FLOAT32),
			cast(high, TensorType.FLOAT32),
		];
	}

	/** The sizes of strings, and for each of them which text it is. */
	#compared(index: number, operators: LiteFields<"Operator">[]): number[] {
		const { all } = this.#texts;
		const texts = this.#constant(
			TensorType.STRING,
			[all.length],
			encodeStrings(all),
		);
		const lineShape = this.#constant(
			TensorType.INT32,
			[2],
			new Uint8Array(Int32Array.of(-1, 1).buffer),
		);
		const op = (
			name: LiteOp,
			version: number,
			inputs: readonly number[],
			type: number,
			builtinOptions?: LiteOptions,
		) => {
			const output = this.#tensor(index, type);
			const made = this.#made(name, version, inputs, output);
			operators.push(builtinOptions ? { ...made, builtinOptions } : made);
			return output;
		};
		const sizes = op("SHAPE", 1, [index], TensorType.INT32, {
			table: "ShapeOptions",
			fields: { outType: TensorType.INT32 },
		});
		const line = op("RESHAPE", 1, [index, lineShape], TensorType.STRING);
		return [sizes, op("EQUAL", 3, [line, texts], TensorType.BOOL)];
	}

	#fed(index: number, operators: LiteFields<"Operator">[]): number[] {
		const type = this.#tensors[index]?.type;
		if (type === TensorType.STRING) return [];
		if (type === TensorType.INT64) return this.#joined(index, operators);
		if (type !== TensorType.UINT16) return [index];
		const wide = this.#tensor(index, TensorType.INT32);
		operators.push(this.#made("CAST", 4, [wide], index));
		return [wide];
	}

	#given(index: number, operators: LiteFields<"Operator">[]): number[] {
		const type = this.#tensors[index]?.type;
		if (type === TensorType.STRING) return this.#compared(index, operators);
		if (type === TensorType.INT64) return this.#parted(index, operators);
		return type === TensorType.UINT16
			? [this.#operator(operators, "CAST", 4, [index], index, TensorType.INT32)]
			: [index];
	}

	#operator(
		operators: LiteFields<"Operator">[],
		op: LiteOp,
		version: number,
		inputs: readonly number[],
		like: number,
		type: number,
	): number {
		const output = this.#tensor(like, type);
		operators.push(this.#made(op, version, inputs, output));
		return output;
	}

	#made(
		op: LiteOp,
		version: number,
		inputs: readonly number[],
		output: number,
	): LiteFields<"Operator"> {
		const code = BuiltinOperator[op];
		const opcodeIndex =
			this.#codes.push({
				deprecatedBuiltinCode: code,
				builtinCode: code,
				version,
			}) - 1;
		return { opcodeIndex, inputs, outputs: [output] };
	}

	#tensor(like: number, type: number): number {
		const { shape, name } = this.#tensors[like];
		const place = this.#tensors.length;
		return (
			this.#tensors.push({
				name: `${name}/part_${place}`,
				shape,
				type,
				buffer: 0,
			}) - 1
		);
	}

	#number(value: bigint): number {
		const data = new Uint8Array(new BigInt64Array([value]).buffer);
		return this.#constant(TensorType.INT64, [], data);
	}

	#constant(type: number, shape: readonly number[], data: Uint8Array): number {
		const buffer = this.#buffers.push({ data }) - 1;
		const name = `constant_${buffer}`;
		return this.#tensors.push({ name, shape, type, buffer }) - 1;
	}
}
