import type { ModelServerConfig } from "../../../gen/model_config_pb.js";
import type { TensorBounds } from "../../tensor/bounds.js";
import type { Compat } from "../../tensor/json/source.js";
import type { Host } from "../host.js";
import type { RequestObserver, Trace } from "../observer.js";
import type { TensorForm } from "./tensor-writer.js";

/** What the routes need of the server around them. */
export interface GrpcService {
	readonly host: Host;
	/** Bytes of a request, and of its tensors once they are in memory. */
	readonly maxBody: number;
	/** Of each of its tensors; any size where it is left out. */
	readonly bounds?: TensorBounds | undefined;
	/** `--enable_serialization_as_tensor_content` makes it `content`. */
	readonly form: TensorForm;
	readonly compat: Compat;
	/** Why no traffic should come now; undefined if it should. */
	whyNotReady(): string | undefined;
	/** Serves what a configuration says instead of what is served; fails where a model does not become available. */
	reload?(config: ModelServerConfig): Promise<void>;
	readonly observer?: RequestObserver | undefined;
	/** A counter's value, by the name that TensorFlow Serving or its Prometheus page has for it; 0 where there is none. */
	counterValue?(name: string): Promise<number>;
}

/** What came with a request. */
export interface CallContext {
	/** Aborts when nobody waits any more. */
	readonly signal: AbortSignal;
	/** A header by its name. */
	header(name: string): string | undefined;
	/** Hears which model is to answer. */
	readonly trace?: Trace | undefined;
}

/** Answers a request of bytes with bytes, and fails in our codes. */
export type AnswerBytes = (
	service: GrpcService,
	request: Uint8Array,
	call: CallContext,
) => Uint8Array | Promise<Uint8Array>;
