import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VECTORS } from "./family.js";

/** Vectors that fail, family by family, each with its reason. `npm run ops` writes it. */
export type NotYet = Readonly<Record<string, Readonly<Record<string, string>>>>;

const FILE = join(VECTORS, "not-yet.json");

export function readNotYet(): NotYet {
	return JSON.parse(readFileSync(FILE, "utf8")) as NotYet;
}

export function writeNotYet(failing: NotYet): void {
	writeFileSync(FILE, `${JSON.stringify(failing, undefined, "\t")}\n`);
}

/** The same of what is converted, target by target. */
export type TargetsNotYet = Readonly<Record<string, NotYet>>;

const TARGETS_FILE = join(VECTORS, "targets.json");

export function readTargetsNotYet(): TargetsNotYet {
	return JSON.parse(readFileSync(TARGETS_FILE, "utf8")) as TargetsNotYet;
}

export function writeTargetsNotYet(failing: TargetsNotYet): void {
	writeFileSync(TARGETS_FILE, `${JSON.stringify(failing, undefined, "\t")}\n`);
}
