import { Client, credentials } from "@grpc/grpc-js";

/** Serialized messages in and out; grpc-js writes Buffers alone. */
const asIs = (bytes) =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Calls methods of a gRPC server with messages that are serialized already. Has a lifetime. */
export class GrpcCaller {
	#client;

	constructor(place) {
		this.#client = new Client(place, credentials.createInsecure(), {
			"grpc.max_receive_message_length": -1,
			"grpc.max_send_message_length": -1,
		});
	}

	/** `method` is a path: /tensorflow.serving.PredictionService/Predict. */
	call(method, request) {
		return new Promise((resolve, reject) => {
			this.#client.makeUnaryRequest(
				method,
				asIs,
				asIs,
				request,
				(error, response) => (error ? reject(error) : resolve(response)),
			);
		});
	}

	close() {
		this.#client.close();
	}
}
