import { join } from "node:path";
import { fail, type MlshipError } from "../errors.js";
import type { Program } from "../graph/ir.js";
import { opDef } from "../ops/opdef.js";
import { randomOps } from "../ops/random.js";
import {
	checkPlace,
	placeOf,
	type WriteRules,
	type WrittenFile,
	writeTo,
} from "./output.js";
import { type ConvertObstacle, obstaclesOf, showObstacle } from "./report.js";
import { openSource, type Source, type SourceOptions } from "./source.js";
import type { Lowered, Target, TargetSettings } from "./target.js";
import { loadTarget } from "./targets.js";
import { mismatchOf, type Verification, verifyModel } from "./verify/verify.js";

export interface ConvertOptions extends SourceOptions {
	/** A name of `TARGETS`. */
	readonly target: string;
	readonly settings?: TargetSettings;
}

export interface WriteOptions extends WriteRules {
	/** A folder, or the name of a file for a target that has an extension. */
	readonly out: string;
	/** Whether the result runs beside the source before it is kept; without it for models below 50 MB, where it can run. */
	readonly verify?: boolean | undefined;
	/** How far numbers may be apart, in parts of the largest of an output. */
	readonly tolerance?: number | undefined;
	/** A file of inputs to compare on; random ones without it. */
	readonly data?: string | undefined;
}

/** What a conversion will do, before it is done. */
export interface ConversionPlan {
	readonly target: Target;
	readonly source: Source;
	readonly settings: TargetSettings;
	readonly lowered: Lowered;
	/** All that stands in the way; a plan with any cannot be carried out. */
	readonly obstacles: readonly ConvertObstacle[];
}

export interface Conversion {
	readonly plan: ConversionPlan;
	/** The file that a reader opens. */
	readonly main: string;
	/** None where answers differ. */
	readonly files: readonly WrittenFile[];
	/** How the result compares, or why that was not looked at. */
	readonly verification: Verification | { readonly skipped: string };
	/** What to tell where answers differ: nothing was written then. */
	readonly mismatch?: MlshipError;
}

/** Models beyond it are verified on demand only: 50 MB. */
const VERIFIED_BYTES = 50e6;

/**
 * Reads a model and finds its form in a target; nothing is written, and no weight read. Whoever has the plan closes its source,
 * which may lie in a temporary folder. Fails as `openSource` does, and with INVALID for a target or settings that do not exist.
 */
export async function planConversion(
	path: string,
	options: ConvertOptions,
): Promise<ConversionPlan> {
	const target = await loadTarget(options.target);
	const { settings = {} } = options;
	const source = await openSource(path, options);
	try {
		if (source.programs.length > 1 && target.holdsSignatures !== true)
			throw severalSignatures(target, source);
		const lowered = target.lower(source.programs, settings);
		const nodes = source.programs.flatMap((program) => program.nodes);
		const obstacles = obstaclesOf({ nodes }, lowered.obstacles);
		return { target, source, settings, lowered, obstacles };
	} catch (error) {
		source.close();
		throw error;
	}
}

/**
 * Carries a plan out: writes the model, compares its answers, moves it to its place, or takes it away where they differ. Fails
 * with UNSUPPORTED, naming all obstacles, and with INVALID where the place is taken; then nothing is left behind either.
 */
export async function writeConversion(
	plan: ConversionPlan,
	options: WriteOptions,
): Promise<Conversion> {
	if (plan.obstacles.length > 0) throw obstructed(plan);
	const { target, lowered } = plan;
	const place = placeOf(options.out, target);
	checkPlace(place, options.force ?? false);
	const skipped = whyUnverified(plan, options.verify);
	let verification: Conversion["verification"] = { skipped: skipped ?? "" };
	const files = await writeTo(
		place,
		options,
		(folder) => lowered.write(folder, place.main),
		async (folder) => {
			if (skipped !== undefined) return true;
			verification = await verifyModel(plan, folder, place.main, options);
			return verification.outputs.every(({ isClose }) => isClose);
		},
	);
	const main = join(place.folder, place.main);
	const mismatch = mismatchOf(verification);
	return {
		plan,
		main,
		files,
		verification,
		...(mismatch === undefined ? {} : { mismatch }),
	};
}

function severalSignatures({ name }: Target, { programs }: Source) {
	const keys = programs.map(({ signature }) => signature);
	return fail(
		"INVALID",
		`cannot convert ${keys.length} signatures to one model of target ${name}, which has one: ${keys.join(", ")}`,
		{ hint: `convert each by itself: --signature ${keys[0]} --out …` },
	);
}

/** A plan that cannot be carried out, as an error that names all that is in the way. */
export function obstructed({ target, source, obstacles }: ConversionPlan) {
	const names = source.programs.map(({ signature }) => `"${signature}"`);
	return fail(
		"UNSUPPORTED",
		`cannot convert signature ${names.join(", ")} to ${target.name}: it lacks ${obstacles.map(showObstacle).join(", ")}`,
		{
			at: { op: obstacles[0].op, node: obstacles[0].node },
			hint: obstacles[0].way,
		},
	);
}

function drawsNumbers({ nodes, functions }: Program): boolean {
	const bodies = [...functions.values()].flatMap((body) => body.nodes);
	return [...nodes, ...bodies].some(
		({ op }) => Object.hasOwn(randomOps, op) && opDef(op)?.stateful === true,
	);
}

/** Fails with NOT_READY where it was asked for and cannot be done. */
function whyUnverified(
	{ target, source }: ConversionPlan,
	wanted: boolean | undefined,
): string | undefined {
	if (wanted === false) return "it was not wanted";
	const random = source.programs.some(drawsNumbers);
	if (random)
		return "it draws random numbers, and answers differently each time";
	const missing = target.missing?.();
	if (wanted === undefined) {
		if (source.byteLength >= VERIFIED_BYTES)
			return "models from 50 MB on are verified with --verify";
		return missing && `nothing here runs it: ${missing}`;
	}
	if (missing === undefined) return undefined;
	throw fail(
		"NOT_READY",
		`cannot verify a model of target ${target.name}: nothing here runs it`,
		{ hint: missing },
	);
}
