import type { ByteSource } from "../../formats/hdf5.js";
import type { Generation, Model } from "../model.js";
import type { WeightSource } from "../weights.js";

/** A file of a network: what it is made of, and its weights, unread. */
export interface KerasFile {
	readonly form: "keras" | "h5" | "tfjs-layers";
	/** `3.15.1`; empty where the file does not say. */
	readonly kerasVersion: string;
	readonly generation: Generation;
	readonly model: Model;
	readonly weights: WeightSource;
	close(): void;
}

/** Keras 3 changed a few functions and defaults. */
export function generationOf(version: string): Generation {
	return Number.parseInt(version, 10) >= 3 ? 3 : 2;
}

export type { ByteSource };
