/** What a request may take, and for how long; times are milliseconds, 0 for any time. */
export interface Limits {
	/** Of a request's head over REST. gRPC has Node's own limits: 128 fields and 64 KiB. */
	readonly headerBytes: number;
	readonly headerCount: number;
	/** For a handshake of TLS, for the head of a request and for gRPC's first words. */
	readonly headerMs: number;
	/** For a whole request to arrive. */
	readonly bodyMs: number;
	/** For an answer to be taken. */
	readonly answerMs: number;
	/** gRPC's calls at a time on one connection; a client lets the others wait. */
	readonly streams: number;
}

export const DEFAULT_LIMITS: Limits = {
	headerBytes: 16 * 1024,
	headerCount: 128,
	// as Node has them
	headerMs: 60_000,
	bodyMs: 300_000,
	answerMs: 300_000,
	streams: 1024,
};
