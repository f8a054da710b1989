import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapRegions, type ProgramPlan, regionsOf } from "../../steps/plan.js";
import type { ExternalWeights } from "../../targets/onnx/write.js";
import type { Reserve } from "../../tensor/constant.js";
import { tensorBytes } from "../../tensor/tensor.js";
import type { Sendable } from "../pool/thread.js";
import type { ModelSource, SentRegion } from "./model.js";
import type { OnnxRegion } from "./region.js";
import type { SessionOptions } from "./runtime.js";

/** Weights of a region: in buffers, or as files below a folder. */
export type SentWeights =
	| readonly { readonly path: string; readonly data: Uint8Array }[]
	| { readonly folder: string; readonly paths: readonly string[] };

/** A program that is planned, with what it is to be opened with. */
export interface PlannedModel {
	readonly program: ProgramPlan<OnnxRegion>;
	readonly options: SessionOptions;
}

/**
 * Weights from this size on go to threads as files, which ONNX Runtime maps: they are in memory one at a time, all threads
 * share them, and no allocator keeps them when the model is gone.
 */
const FILE_BYTES = 4 * 2 ** 20;

/**
 * What threads are given of a model: large weights as files, which are there until it is open; others in buffers of their
 * own, which may move to a thread.
 */
export function sendableModel(model: PlannedModel): Sendable<ModelSource> {
	const weights = regionsOf(model.program).flatMap(({ file }) => file.weights);
	const total = weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
	return (total < FILE_BYTES ? undefined : inFiles(model)) ?? inBuffers(model);
}

/** `undefined` where files cannot be written. */
function inFiles(model: PlannedModel): Sendable<ModelSource> | undefined {
	const root = newFolder();
	if (root === undefined) return undefined;
	const remove = () => {
		process.off("exit", remove);
		removeFolder(root);
	};
	// who ends the process does not wait for a model that is being opened
	process.once("exit", remove);
	let regions = 0;
	const reserve = twoInTurn();
	try {
		const source = sentModel(model, (weights) => {
			const folder = join(root, String(regions++));
			mkdirSync(folder);
			for (const { path, constant } of weights)
				writeWeights(join(folder, path), tensorBytes(constant.read(reserve)));
			return { folder, paths: weights.map(({ path }) => path) };
		});
		return { source, transferList: [], opened: remove };
	} catch (error) {
		remove();
		if (error instanceof FolderIsFull) return undefined;
		throw error;
	}
}

/** Larger buffers are not used again, as they would be kept until others are needed. */
const REUSED_BYTES = 16 * 2 ** 20;

/** Two buffers in turn, which grow: each step that makes a weight looks only into what the step before it made. */
function twoInTurn(): Reserve {
	let [last, next] = [new ArrayBuffer(0), new ArrayBuffer(0)];
	return (byteLength) => {
		if (byteLength > REUSED_BYTES) return new ArrayBuffer(byteLength);
		[last, next] = [next, last];
		if (last.byteLength < byteLength) last = new ArrayBuffer(byteLength);
		return last;
	};
}

function newFolder(): string | undefined {
	try {
		return mkdtempSync(join(tmpdir(), "mlship-weights-"));
	} catch {
		return undefined;
	}
}

/** Windows keeps files that are mapped: there they go when the process does. */
function removeFolder(path: string): void {
	const remove = () => rmSync(path, { recursive: true, force: true });
	try {
		remove();
	} catch {
		process.once("exit", remove);
	}
}

class FolderIsFull extends Error {}

function writeWeights(path: string, bytes: Uint8Array): void {
	try {
		writeFileSync(path, bytes, { mode: 0o600 });
	} catch (cause) {
		throw new FolderIsFull(path, { cause });
	}
}

function inBuffers(model: PlannedModel): Sendable<ModelSource> {
	const buffers = new Set<ArrayBuffer>();
	const source = sentModel(model, (weights) =>
		weights.map(({ path, constant }) => {
			const data = ownBytes(tensorBytes(constant.read()));
			buffers.add(data.buffer);
			return { path, data };
		}),
	);
	return { source, transferList: [...buffers] };
}

/** Bytes that are all of their buffer. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const { buffer, byteLength } = bytes;
	return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
		? new Uint8Array(buffer)
		: bytes.slice();
}

function sentModel(
	{ program, options }: PlannedModel,
	send: (weights: readonly ExternalWeights[]) => SentWeights,
): ModelSource {
	const sent = mapRegions(
		program,
		({ file, inputs, outputs }): SentRegion => ({
			model: file.model,
			weights: send(file.weights),
			inputs,
			outputs,
		}),
	);
	return { program: sent, options };
}
