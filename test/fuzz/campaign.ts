import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random } from "../random.js";
import { outcomeOf } from "./outcome.js";
import type { Target } from "./target.js";

const CORPUS = join("fixtures", "fuzz");

export interface Input {
	readonly name: string;
	readonly bytes: Uint8Array;
}

/** What is kept for a target: where to begin, and what once went wrong. */
export function corpusOf({ name, seeds = [], texts = [] }: Target): Input[] {
	const folder = join(CORPUS, name);
	const names = existsSync(folder) ? readdirSync(folder) : [];
	const kept = names.map((file) => join(folder, file));
	const files = [...kept.sort(), ...seeds].map((path) => ({
		name: path,
		bytes: Uint8Array.from(readFileSync(path)),
	}));
	const others = texts.map((bytes, i) => ({ name: `no file, ${i}`, bytes }));
	return [...files, ...others];
}

/** Bytes that a target did something with that it must not do. */
export interface Finding {
	readonly label: string;
	readonly what: string;
	readonly bytes: Uint8Array;
}

/** Begins with the same bytes in the same order, however long it goes on. */
const SEED = 20_261_121;

/** A new behaviour is worth being mutated further, as long as there are not too many. */
const MOST_INPUTS = 400;

export interface CampaignOptions {
	readonly seed?: number;
	/** Longer ones are findings too. */
	readonly mostMs?: number;
	/** Hears what is read next. */
	trying?(bytes: Uint8Array): void;
}

/** Reads mutations of the corpus until it is told to end, and gives what went wrong, each place once. */
export async function campaign(
	target: Target,
	goesOn: (round: number) => boolean,
	{
		seed = SEED,
		mostMs = Number.POSITIVE_INFINITY,
		trying = () => undefined,
	}: CampaignOptions = {},
): Promise<Finding[]> {
	const next = random(seed);
	const inputs = corpusOf(target).map(({ bytes }) => bytes);
	const labels = new Set<string>();
	const findings: Finding[] = [];
	for (let round = 0; goesOn(round); round++) {
		// others have their turn
		if (round % 50 === 49) await new Promise(setImmediate);
		const [one, other] = [
			inputs[next(inputs.length)],
			inputs[next(inputs.length)],
		];
		const bytes = target.mutate(one, other, next);
		trying(bytes);
		const start = performance.now();
		const outcome = await outcomeOf(target, bytes);
		const ms = performance.now() - start;
		const { label, finding } =
			ms > mostMs
				? { label: `slow: ${outcome.label}`, finding: `took ${ms} ms` }
				: outcome;
		if (labels.has(label)) continue;
		labels.add(label);
		if (finding !== undefined) findings.push({ label, what: finding, bytes });
		else if (inputs.length < MOST_INPUTS) inputs.push(bytes);
	}
	return findings;
}

/** Leaves out as much as can be left out with the same finding. */
export async function shortened(
	target: Target,
	{ label, bytes }: Finding,
): Promise<Uint8Array> {
	let best = bytes;
	for (let size = best.length >> 1; size > 0; size >>= 1)
		for (let at = 0; at < best.length; ) {
			const shorter = Buffer.concat([
				best.subarray(0, at),
				best.subarray(at + size),
			]);
			const outcome = await outcomeOf(target, shorter);
			if (outcome.finding !== undefined && outcome.label === label)
				best = shorter;
			else at += size;
		}
	return best;
}

/** Notes what is read, as nobody could tell it afterwards where that ends the process; what ended the last one is kept. */
export function surviving(target: Target) {
	const path = join(tmpdir(), `mlship-fuzz-${target.name}`);
	if (existsSync(path)) keep(target, readFileSync(path));
	const done = () => rmSync(path, { force: true });
	// who is tired of waiting has found nothing
	process.once("exit", done);
	return { trying: (bytes: Uint8Array) => writeFileSync(path, bytes), done };
}

/** Keeps bytes for all later runs; returns where. */
export function keep({ name }: Target, bytes: Uint8Array): string {
	const folder = join(CORPUS, name);
	mkdirSync(folder, { recursive: true });
	const path = join(folder, `found-${digest(bytes)}`);
	writeFileSync(path, bytes);
	return path;
}

/** FNV-1a, for a name. */
function digest(bytes: Uint8Array): string {
	let bits = 0x811c9dc5;
	for (const byte of bytes) bits = Math.imul(bits ^ byte, 0x01000193);
	return (bits >>> 0).toString(16).padStart(8, "0");
}
