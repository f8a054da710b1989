import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { MetaGraphDef } from "../src/gen/saved_model_pb.js";
import type { Session } from "../src/lib/engines/engine.js";
import { loadProgram } from "../src/lib/engines/index.js";
import { VariableStore } from "../src/lib/engines/state.js";
import { buildProgram } from "../src/lib/graph/build.js";
import type { Program } from "../src/lib/graph/ir.js";
import {
	findMetaGraph,
	readSavedModel,
	SAVED_MODEL_FILES,
	type SavedModelFile,
} from "../src/lib/savedmodel/read.js";
import { findSignature } from "../src/lib/savedmodel/signature.js";
import { bindVariables } from "../src/lib/savedmodel/variables.js";
import type { Constant } from "../src/lib/tensor/constant.js";
import { type Case, readCases } from "./cases.js";

/** A SavedModel of fixtures/models with TensorFlow's answers. */
export interface CorpusModel {
	/** `digits@2`, `tfjs-node/times_two_int`. */
	readonly name: string;
	readonly dir: string;
	readonly cases: readonly Case[];
}

const ROOT = "fixtures/models";

/** Every model that has a file of cases, in the order of their names. */
export function readCorpus(): CorpusModel[] {
	return readdirSync(ROOT, { recursive: true, encoding: "utf8" })
		.filter((path) => /(^|\/)cases(-\d+)?\.json$/.test(path))
		.sort()
		.map((path) => readModel(join(ROOT, path)));
}

function readModel(path: string): CorpusModel {
	const folder = dirname(path);
	const name = relative(ROOT, folder);
	const cases = readCases(path);
	if (isSavedModel(folder)) return { name, dir: folder, cases };
	const versions = readdirSync(folder).filter((child) => /^\d+$/.test(child));
	const wanted = /cases-(\d+)/.exec(path)?.[1];
	const number = Number(wanted ?? Math.min(...versions.map(Number)));
	const version = versions.find((child) => Number(child) === number);
	if (version === undefined)
		throw new Error(`${path} has no version ${number}`);
	return {
		name: wanted === undefined ? name : `${name}@${wanted}`,
		dir: join(folder, version),
		cases,
	};
}

function isSavedModel(folder: string): boolean {
	return SAVED_MODEL_FILES.some((file) => existsSync(join(folder, file)));
}

/** A SavedModel opened once, whose signatures are then loaded one by one. */
export class OpenedModel {
	/** What its signatures set, for those that share it. */
	readonly store = new VariableStore();
	readonly #model: SavedModelFile;
	readonly #metaGraph: MetaGraphDef;
	readonly #variables: ReadonlyMap<string, Constant>;

	constructor(dir: string) {
		const model = readSavedModel(dir);
		this.#model = model;
		this.#metaGraph = findMetaGraph(model);
		this.#variables = bindVariables(model, this.#metaGraph);
	}

	program(signature: string): Program {
		return buildProgram({
			model: this.#model,
			metaGraph: this.#metaGraph,
			signature: findSignature(this.#metaGraph, signature),
			variables: this.#variables,
		});
	}

	/** `variables` are those of the version, where its signatures share what they change. */
	load(
		signature: string,
		engine: string,
		variables?: VariableStore,
	): Promise<Session> {
		const options = { workers: 0, threads: 1, variables };
		return loadProgram(this.program(signature), engine, options);
	}
}
