import type { SslConfig } from "../config/ssl.js";
import { Gate } from "./gate.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import type { Reread } from "./reread.js";
import type { Tokens } from "./tokens.js";

/** What is said now, and whenever something else is said. */
export type Live<T> = Pick<Reread<T>, "value" | "onChange">;

/** Who may come in, how, and how many at a time; REST and gRPC have the same. */
export interface Access {
	/** Plain text without it. */
	readonly tls?: Live<SslConfig> | undefined;
	/** Everybody may do everything without it. */
	readonly tokens?: Live<Tokens> | undefined;
	readonly gate: Gate;
	readonly limits: Limits;
	/** Once it takes no more requests, those under way may take so many milliseconds. */
	readonly drainMs: number;
}

/** For everybody, as many as come. */
export const OPEN_ACCESS: Access = {
	gate: new Gate(Number.POSITIVE_INFINITY, ""),
	limits: DEFAULT_LIMITS,
	// Kubernetes kills after 30 s
	drainMs: 25_000,
};
