import type { SignatureDef, TensorInfo } from "../../../gen/saved_model_pb.js";
import type { TensorShapeProto } from "../../../gen/tensor_pb.js";
import { dataTypeName } from "../../tensor/dtype.js";

/** A signature in protobuf's text format, as upstream shows it in errors; entries of its maps sorted by name. */
export function definitionText(definition: SignatureDef): string {
	return [
		...portLines("inputs", definition.inputs),
		...portLines("outputs", definition.outputs),
		...(definition.methodName === ""
			? []
			: [`method_name: ${JSON.stringify(definition.methodName)}`]),
	]
		.map((line) => `${line}\n`)
		.join("");
}

function portLines(
	field: string,
	ports: Readonly<Record<string, TensorInfo>>,
): string[] {
	return Object.keys(ports)
		.sort()
		.flatMap((name) =>
			block(field, [
				`key: ${JSON.stringify(name)}`,
				...block("value", infoLines(ports[name])),
			]),
		);
}

function infoLines({ encoding, dtype, tensorShape }: TensorInfo): string[] {
	return [
		...(encoding.case === "name"
			? [`name: ${JSON.stringify(encoding.value)}`]
			: []),
		...(dtype === 0 ? [] : [`dtype: ${dataTypeName(dtype)}`]),
		...(tensorShape === undefined
			? []
			: block("tensor_shape", shapeLines(tensorShape))),
	];
}

function shapeLines({ dim, unknownRank }: TensorShapeProto): string[] {
	return [
		...dim.flatMap(({ size }) =>
			block("dim", size === 0n ? [] : [`size: ${size}`]),
		),
		...(unknownRank ? ["unknown_rank: true"] : []),
	];
}

function block(name: string, lines: readonly string[]): string[] {
	return [`${name} {`, ...lines.map((line) => `  ${line}`), "}"];
}
