import type { SentVariable } from "../../engines/prepare.js";
import { type ErrorPlace, fail, type MlshipError } from "../../errors.js";
import type { PreparedSignature, VersionSource } from "./source.js";

/** To the thread that loads. */
export type LoaderRequest =
	| {
			readonly id: number;
			readonly kind: "catalog";
			readonly source: VersionSource;
	  }
	| {
			readonly id: number;
			readonly kind: "prepare";
			readonly source: VersionSource;
			readonly key: string;
			readonly changed: readonly string[];
	  }
	/** What was prepared is open. */
	| { readonly id: number; readonly kind: "opened" }
	| { readonly id: number; readonly kind: "end" };

/** From it; `id` is that of the request. */
export type LoaderAnswer =
	| { readonly id: number; readonly catalog: SentCatalog }
	| { readonly id: number; readonly starting: Starting }
	| { readonly id: number; readonly prepared: SentSignature }
	| { readonly id: number; readonly error: SentFailure };

export interface Starting {
	readonly engine: string;
	readonly workers: number;
}

export interface SentCatalog {
	/** A MetaGraphDef with nothing but signatures. */
	readonly signatures: Uint8Array;
	readonly floatFeatures: ReadonlySet<string>;
}

export interface SentSignature
	extends Omit<PreparedSignature, "opened" | "state"> {
	readonly state: readonly SentVariable[];
}

export interface SentFailure
	extends Pick<MlshipError, "code" | "message" | "hint" | "upstream"> {
	readonly at: ErrorPlace | undefined;
}

export function sentFailure({
	code,
	message,
	hint,
	at,
	upstream,
}: MlshipError): SentFailure {
	return { code, message, hint, at, upstream };
}

export function receivedFailure({
	code,
	message,
	hint,
	at,
	upstream,
}: SentFailure): MlshipError {
	return fail(code, message, {
		...(hint !== undefined && { hint }),
		...(at !== undefined && { at }),
		upstream,
	});
}
