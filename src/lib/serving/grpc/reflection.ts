import {
	create,
	createRegistry,
	type DescFile,
	type DescService,
	type MessageInitShape,
	toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
	type ServerDuplexStream,
	status,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
	type ServerReflectionRequest,
	ServerReflectionRequestSchema,
	ServerReflectionResponseSchema,
} from "../../../gen/reflection_v1_pb.js";
import { readRequest } from "./codec.js";
import { statusOf } from "./errors.js";

/** What tools such as grpcurl ask a server for. Has a lifetime: `close()` ends the streams. */
export interface Reflection {
	readonly implementation: UntypedServiceImplementation;
	close(): void;
}

type Stream = ServerDuplexStream<Buffer, Uint8Array>;

/**
 * Tells which services there are, and the files that define them. Both versions of the protocol have the same messages
 * (grpc/reflection/v1/reflection.proto), so one implementation is for both.
 */
export function reflectionOf(services: readonly DescService[]): Reflection {
	const streams = new Set<Stream>();
	const catalog = catalogOf(services);
	return {
		implementation: {
			ServerReflectionInfo: (call: Stream) => {
				streams.add(call);
				const done = () => {
					streams.delete(call);
				};
				call.on("data", (bytes: Buffer) => {
					try {
						call.write(answer(catalog, bytes));
					} catch (error) {
						done();
						call.emit("error", statusOf(error));
					}
				});
				call.once("cancelled", done);
				call.once("end", () => {
					done();
					call.end();
				});
			},
		},
		close: () => {
			for (const call of streams) call.end();
			streams.clear();
		},
	};
}

interface Catalog {
	readonly names: readonly string[];
	readonly filesByName: ReadonlyMap<string, DescFile>;
	fileOf(symbol: string): DescFile | undefined;
	isMessage(name: string): boolean;
}

function catalogOf(services: readonly DescService[]): Catalog {
	const filesByName = new Map<string, DescFile>();
	const add = (file: DescFile): void => {
		if (filesByName.has(file.proto.name)) return;
		filesByName.set(file.proto.name, file);
		file.dependencies.forEach(add);
	};
	for (const { file } of services) add(file);
	const registry = createRegistry(...filesByName.values());
	const find = (symbol: string): DescFile | undefined =>
		registry.get(symbol)?.file;
	return {
		names: services.map(({ typeName }) => typeName).sort(),
		filesByName,
		// of fields, values and methods the message, enumeration or service around them is known
		fileOf: (symbol) =>
			find(symbol) ?? find(symbol.slice(0, symbol.lastIndexOf("."))),
		isMessage: (name) => registry.getMessage(name) !== undefined,
	};
}

type Answer = MessageInitShape<
	typeof ServerReflectionResponseSchema
>["messageResponse"];

function answer(catalog: Catalog, bytes: Buffer): Uint8Array {
	const request = readRequest(ServerReflectionRequestSchema, bytes);
	return toBinary(
		ServerReflectionResponseSchema,
		create(ServerReflectionResponseSchema, {
			validHost: request.host,
			originalRequest: request,
			messageResponse: answerTo(catalog, request.messageRequest),
		}),
	);
}

function answerTo(
	catalog: Catalog,
	{ case: kind, value }: ServerReflectionRequest["messageRequest"],
): Answer {
	if (kind === "listServices")
		return {
			case: "listServicesResponse",
			value: { service: catalog.names.map((name) => ({ name })) },
		};
	if (kind === "fileByFilename")
		return filesFrom(catalog.filesByName.get(value), `file ${value}`);
	if (kind === "fileContainingSymbol")
		return filesFrom(catalog.fileOf(value), `symbol ${value}`);
	if (kind === "allExtensionNumbersOfType" && catalog.isMessage(value))
		return {
			case: "allExtensionNumbersResponse",
			value: { baseTypeName: value, extensionNumber: [] },
		};
	return kind === undefined
		? failure(status.INVALID_ARGUMENT, "the request asks for nothing")
		: failure(status.NOT_FOUND, "there is no such type or extension");
}

/** A file with all that it imports, itself first, so that nobody has to ask again. */
function filesFrom(file: DescFile | undefined, subject: string): Answer {
	if (file === undefined)
		return failure(status.NOT_FOUND, `there is no ${subject.slice(0, 200)}`);
	const files = new Set<DescFile>();
	const add = (one: DescFile): void => {
		if (files.has(one)) return;
		files.add(one);
		one.dependencies.forEach(add);
	};
	add(file);
	return {
		case: "fileDescriptorResponse",
		value: {
			fileDescriptorProto: [...files].map(({ proto }) =>
				toBinary(FileDescriptorProtoSchema, proto),
			),
		},
	};
}

function failure(errorCode: status, errorMessage: string): Answer {
	return { case: "errorResponse", value: { errorCode, errorMessage } };
}
