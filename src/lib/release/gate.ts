import { asMlshipError } from "../errors.js";
import type { HeldModel } from "../repository/change.js";
import {
	findVersion,
	type ModelEntry,
	type VersionEntry,
} from "../repository/list.js";
import { currentVersion } from "../repository/routing.js";
import { diffSignatures } from "./diff/diff.js";
import type { SignatureChange } from "./diff/signatures.js";
import type { Dataset } from "./evaluation/dataset.js";
import {
	type EvaluateOptions,
	evaluateVersion,
} from "./evaluation/evaluate.js";
import { type Check, firstTrouble, verifyVersion } from "./verify.js";

/** What a version has to reach before it gets all requests. */
export interface GateOptions {
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string | undefined;
	readonly evaluation?: Evaluation | undefined;
}

export interface Evaluation extends EvaluateOptions {
	readonly name: string;
	readonly dataset: Dataset;
	/** The least, or of a metric that is better the lower the most, that the version must reach. */
	readonly bound?: number | undefined;
	/** How much worse than the current version it may be. */
	readonly maxDrop?: number | undefined;
}

/** What a gate found. */
export interface GateReport {
	readonly version: bigint;
	/** What the version was held against; undefined where there is none. */
	readonly current: bigint | undefined;
	readonly checks: readonly Check[];
	readonly signatures: readonly SignatureChange[];
	readonly scores?: Scores;
	/** Why the version may not pass; empty where it may. */
	readonly reasons: readonly string[];
}

export interface Scores {
	readonly metric: string;
	readonly rows: number;
	readonly candidate: number;
	readonly current: number | undefined;
}

/** Looks at a version as it would be promoted. Fails only where the data cannot be used. */
export async function passGate(
	held: HeldModel,
	candidate: VersionEntry,
	options: GateOptions,
): Promise<GateReport> {
	const { model, state, routing } = held;
	const { version, dir } = candidate;
	const { engine, evaluation } = options;
	const digest = state.digests.get(version);
	const checks = await verifyVersion(dir, { engine, digest });
	const current = otherVersion(model, version, currentVersion(routing, state));
	const report = { version, current: current?.version, checks };
	const trouble = firstTrouble(checks);
	if (trouble !== undefined)
		return { ...report, signatures: [], reasons: [trouble.message] };
	const signatures =
		current === undefined ? [] : diffSignatures(current.dir, dir);
	const broken = signatures
		.filter(({ isBreaking }) => isBreaking)
		.map(({ signature, told }) => `signature "${signature}": ${told}`);
	if (evaluation === undefined)
		return { ...report, signatures, reasons: broken };
	const scores = await measure(candidate, current, evaluation);
	const reasons = [...broken, ...reasonsOf(scores, evaluation)];
	return { ...report, signatures, scores, reasons };
}

/** None for the version itself, and for one that is gone. */
function otherVersion(
	model: ModelEntry,
	candidate: bigint,
	current: bigint | undefined,
): VersionEntry | undefined {
	if (current === undefined || current === candidate) return undefined;
	return model.versions.some(({ version }) => version === current)
		? findVersion(model, String(current))
		: undefined;
}

async function measure(
	candidate: VersionEntry,
	current: VersionEntry | undefined,
	evaluation: Evaluation,
): Promise<Scores> {
	const { dataset, name } = evaluation;
	const head = { metric: name, rows: dataset.rows };
	const score = await evaluateVersion(candidate.dir, dataset, evaluation);
	if (current === undefined)
		return { ...head, candidate: score, current: undefined };
	// a current version that does not take the data keeps nobody from being better
	const before = await evaluateVersion(current.dir, dataset, evaluation).catch(
		(error: unknown) => {
			if (asMlshipError(error).code === "BUG") throw error;
			return undefined;
		},
	);
	return { ...head, candidate: score, current: before };
}

function reasonsOf(
	{ candidate, current }: Scores,
	{ name, metric, bound, maxDrop }: Evaluation,
): string[] {
	const isHigher = metric.better === "higher";
	const reasons: string[] = [];
	const isBad =
		bound !== undefined &&
		!(isHigher ? candidate >= bound : candidate <= bound);
	if (isBad)
		reasons.push(
			`${name} is ${shown(candidate)}, ${isHigher ? "at least" : "at most"} ${bound} is wanted`,
		);
	if (maxDrop === undefined) return reasons;
	if (current === undefined) return reasons;
	const drop = isHigher ? current - candidate : candidate - current;
	if (!(drop <= maxDrop + ROUNDING))
		reasons.push(
			`${name} is ${shown(candidate)}, ${shown(drop)} worse than the ${shown(current)} of the current version, ${maxDrop} may be lost`,
		);
	return reasons;
}

/** 0.95 - 0.94 is more than 0.01 in binary digits. */
const ROUNDING = 1e-9;

function shown(score: number): string {
	return String(Number(score.toPrecision(4)));
}
