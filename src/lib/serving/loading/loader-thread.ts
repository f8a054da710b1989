import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { toBinary } from "@bufbuild/protobuf";
import { MetaGraphDefSchema } from "../../../gen/saved_model_pb.js";
import { sentState } from "../../engines/prepare.js";
import { asMlshipError, fail } from "../../errors.js";
import { isComplete } from "../../repository/ready.js";
import { findSignature } from "../../savedmodel/signature.js";
import {
	type LoaderAnswer,
	type LoaderRequest,
	sentFailure,
} from "./messages.js";
import {
	catalogOf,
	prepareSignature,
	type ReadVersion,
	readSource,
	type VersionSource,
} from "./source.js";

// the script of a thread: it reads versions and prepares signatures, for whoever started it to open

const port = parentPort;
giveWay();
/** What has to be done when a signature is open, by the request that prepared it. */
const opened = new Map<number, () => void>();
/** The version that was read last: its signatures are prepared one after the other. */
let last:
	| { readonly source: VersionSource; readonly read: ReadVersion }
	| undefined;

port?.on("message", async (request: LoaderRequest) => {
	try {
		await ANSWERS[request.kind](request as never);
	} catch (error) {
		send({ id: request.id, error: sentFailure(asMlshipError(error)) });
	}
});

/** Requests get three times the time, and loading enough to come to an end. */
const NICENESS = 5;

/** Requests come first. Linux alone has priorities of threads (setpriority(2)); elsewhere it would be the whole process's. */
function giveWay(): void {
	if (process.platform !== "linux" || port === null) return;
	try {
		setPriority(NICENESS);
	} catch {
		// a sandbox may forbid it
	}
}

type Request<K> = Extract<LoaderRequest, { readonly kind: K }>;

const ANSWERS: {
	readonly [K in LoaderRequest["kind"]]: (
		request: Request<K>,
	) => void | Promise<void>;
} = {
	catalog: ({ id, source }) => {
		const completeness = isComplete(source.dir);
		if (!completeness.complete)
			throw fail(
				"NOT_READY",
				`the version is not complete: ${completeness.reason}`,
			);
		const { signatures, floatFeatures } = catalogOf(read(source));
		const bytes = toBinary(MetaGraphDefSchema, signatures);
		send({ id, catalog: { signatures: bytes, floatFeatures } });
	},
	prepare,
	opened: ({ id }) => {
		opened.get(id)?.();
		opened.delete(id);
	},
	end: () => port?.close(),
};

async function prepare({
	id,
	source,
	key,
	changed,
}: Request<"prepare">): Promise<void> {
	const version = read(source);
	const signature = findSignature(version.metaGraph, key);
	const prepared = await prepareSignature({ ...version, signature }, source, {
		changed,
		starting: (engine, workers) => send({ id, starting: { engine, workers } }),
	});
	const { opened: done, state: _, ...rest } = prepared;
	if (done !== undefined) opened.set(id, done);
	const sent = { ...rest, state: sentState(prepared) };
	send({ id, prepared: sent }, prepared.transferList);
}

function read(source: VersionSource): ReadVersion {
	const isSame = JSON.stringify(source) === JSON.stringify(last?.source);
	if (last !== undefined && isSame) return last.read;
	last = { source, read: readSource(source.dir, source.tags) };
	return last.read;
}

function send(
	answer: LoaderAnswer,
	transferList: readonly ArrayBuffer[] = [],
): void {
	port?.postMessage(answer, [...transferList]);
}
