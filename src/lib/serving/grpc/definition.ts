import type { DescService } from "@bufbuild/protobuf";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** A service as grpc-js takes it: messages stay bytes, which the methods read themselves. */
export function definitionOf(service: DescService): ServiceDefinition {
	return Object.fromEntries(
		service.methods.map(({ name, methodKind }) => [
			name,
			{
				path: `/${service.typeName}/${name}`,
				requestStream:
					methodKind === "client_streaming" || methodKind === "bidi_streaming",
				responseStream:
					methodKind === "server_streaming" || methodKind === "bidi_streaming",
				requestSerialize: same,
				requestDeserialize: same,
				responseSerialize: asBuffer,
				responseDeserialize: same,
			} satisfies MethodDefinition<Buffer, Uint8Array>,
		]),
	);
}

function same(bytes: Buffer): Buffer {
	return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
	return Buffer.isBuffer(bytes)
		? bytes
		: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
