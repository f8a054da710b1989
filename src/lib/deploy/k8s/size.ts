import type { ModelSize, Runtime } from "./service.js";

/** What a replica is promised, and what it may not exceed. */
export interface Memory {
	readonly request: string;
	readonly limit: string;
}

interface Footprint {
	/** A server without models, in MiB. */
	readonly base: number;
	/** Memory over bytes of weights: while they serve, and at most while a version loads. */
	readonly loaded: number;
	readonly loading: number;
}

/**
 * By bench/RESULTS.md: 201 MB with digits; VGG16 and ResNet50 take 1.6 and 1.9 times their weights, and 2.8 times while they
 * load. TensorFlow Serving maps the file and copies it into variables.
 */
const FOOTPRINTS: Readonly<Record<Runtime, Footprint>> = {
	mlship: { base: 200, loaded: 2, loading: 3 },
	tfs: { base: 200, loaded: 1, loading: 2 },
};

/** More than was measured, as requests take some too. */
const MARGIN = 1.3;
const MIB = 2 ** 20;
const STEP = 32;

/**
 * Memory for models of so many bytes. The limit leaves room for a version that comes while all others serve: TensorFlow
 * Serving's users met the out-of-memory killer there (tensorflow/serving#2017).
 */
export function memoryOf(
	{ bytes, largest }: ModelSize,
	runtime: Runtime,
): Memory {
	const { base, loaded, loading } = FOOTPRINTS[runtime];
	const serving = base + (loaded * bytes) / MIB;
	const peak = serving + (loading * largest) / MIB;
	return { request: mebibytes(serving), limit: mebibytes(peak) };
}

/** Room in `/tmp`: large networks are optimized there, and their weights lie in files that workers share while they serve. */
export function scratchOf({ bytes, largest }: ModelSize): string {
	return mebibytes(64 + (2 * (bytes + largest)) / MIB);
}

/** Seconds within which a replica surely has its models: a minute, and what slow disks take for the bytes. */
export function startSeconds({ bytes }: ModelSize): number {
	return 60 + Math.ceil(bytes / (20 * MIB));
}

function mebibytes(amount: number): string {
	return `${Math.ceil((amount * MARGIN) / STEP) * STEP}Mi`;
}
