import { toBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "../../../gen/tensor_pb.js";
import { asMlshipError, fail } from "../../errors.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { tensorFromProto, tensorToProto } from "../../tensor/proto.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";

const parseTensor: HostKernel = (node, [{ data }]) => {
	const wanted = dtypeAttr(node, "out_type");
	const [bytes] = data as readonly Uint8Array[];
	if (data.length !== 1)
		throw fail(
			"INVALID",
			`cannot parse ${data.length} tensors: a scalar was wanted`,
		);
	const found = decoded(bytes);
	if (found.dtype !== wanted)
		throw fail(
			"INVALID",
			`cannot parse a tensor of ${found.dtype}: the model wants ${wanted}`,
		);
	return [found];
};

const serializeTensor: HostKernel = (_, [input]) => [
	{
		dtype: "string",
		shape: [],
		data: [toBinary(TensorProtoSchema, tensorToProto(input))],
	},
];

/** Tensors as TensorProto messages. */
export const tensorMessageRows = {
	ParseTensor: parseTensor,
	SerializeTensor: serializeTensor,
} as const;

function decoded(bytes: Uint8Array): Tensor {
	try {
		return tensorFromProto(decodeMessage(TensorProtoSchema, bytes));
	} catch (error) {
		const { message } = asMlshipError(error);
		throw fail("INVALID", `cannot parse a serialized tensor: ${message}`, {
			cause: error,
		});
	}
}
