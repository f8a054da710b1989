import {
	create,
	type DescMessage,
	type DescMethod,
	type DescService,
	fromBinary,
	type MessageInitShape,
	type MessageShape,
	toBinary,
} from "@bufbuild/protobuf";
import {
	type CallOptions,
	type ChannelCredentials,
	credentials,
	Metadata,
	makeGenericClientConstructor,
	type ServiceError,
	status,
} from "@grpc/grpc-js";
import { definitionOf } from "../../../../src/lib/serving/grpc/definition.js";

/** What a call ended with: a message, or a status. */
export type Ending<Out extends DescMessage> =
	| { readonly response: MessageShape<Out>; readonly error?: undefined }
	| {
			readonly response?: undefined;
			readonly error: { readonly code: string; readonly text: string };
	  };

interface Method<In extends DescMessage, Out extends DescMessage> {
	readonly name: string;
	readonly parent: DescService;
	readonly input: In;
	readonly output: Out;
}

interface SendOptions extends CallOptions {
	readonly metadata?: Metadata;
}

/** A client as anybody writes one with grpc-js: `place` is `127.0.0.1:8500`, or `unix:/a/path`. */
export function clientOf(
	place: string,
	offered: ChannelCredentials = credentials.createInsecure(),
) {
	const Client = makeGenericClientConstructor({}, "any");
	const client = new Client(place, offered);
	const send = (
		service: DescService,
		name: string,
		request: Uint8Array,
		{ metadata = new Metadata(), ...options }: SendOptions = {},
	) => {
		const { path } = definitionOf(service)[name];
		return new Promise<Buffer>((resolve, reject) => {
			client.makeUnaryRequest(
				path,
				Buffer.from,
				(bytes: Buffer) => bytes,
				request,
				metadata,
				options,
				(error, response) =>
					error === null ? resolve(response as Buffer) : reject(error),
			);
		});
	};
	return {
		send,
		async call<In extends DescMessage, Out extends DescMessage>(
			{ name, parent, input, output }: Method<In, Out>,
			request: MessageInitShape<In>,
			options?: SendOptions,
		): Promise<Ending<Out>> {
			const bytes = toBinary(input, create(input, request));
			return ended(output, send(parent, name, bytes, options));
		},
		/** Why any bytes are refused as a request. */
		async refusal({ name, parent, output }: DescMethod, request: Uint8Array) {
			return (await ended(output, send(parent, name, request))).error;
		},
		client,
		close: () => client.close(),
	};
}

async function ended<Out extends DescMessage>(
	output: Out,
	sent: Promise<Buffer>,
): Promise<Ending<Out>> {
	try {
		return { response: fromBinary(output, await sent) };
	} catch (error) {
		const { code, details } = error as ServiceError;
		return { error: { code: status[code], text: details } };
	}
}
