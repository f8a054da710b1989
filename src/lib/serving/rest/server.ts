import type { AddressInfo } from "node:net";
import {
	asMlshipError,
	type ErrorCode,
	fail,
	type MlshipError,
} from "../../errors.js";
import type { TensorBounds } from "../../tensor/bounds.js";
import type { Compat } from "../../tensor/json/source.js";
import { type Access, OPEN_ACCESS } from "../access/access.js";
import type { Host } from "../host.js";
import type { RequestObserver } from "../observer.js";
import { buildApp } from "./app.js";
import { drainOf } from "./drain.js";
import type { MetricsPage } from "./metrics.js";

export interface RestServerOptions {
	readonly host: Host;
	/** Where to listen: an IP address or a name. */
	readonly address: string;
	/** 0 takes a free one. */
	readonly port: number;
	/** Bytes of a body, as sent and unzipped. */
	readonly maxBody: number;
	/** Whether pages of other origins may call. */
	readonly cors?: boolean;
	/** Whether upstream's oddities are kept; `default` where it is left out. */
	readonly compat?: Compat;
	/** Milliseconds after which nobody waits for an answer, TensorFlow Serving's 30,000 where it is left out; 0 or less for ever. */
	readonly timeoutMs?: number;
	readonly observer?: RequestObserver;
	readonly metrics?: MetricsPage;
	/** Of each tensor of a request; any size where it is left out. */
	readonly bounds?: TensorBounds;
	/** Who may come in; everybody without it. */
	readonly access?: Access;
}

/** TensorFlow Serving's REST, listening. Has a lifetime: `close()` lets the requests under way finish. */
export interface RestServer {
	/** The one that was taken. */
	readonly port: number;
	/** The models were loaded: `/readyz` says from now on whether one answers. */
	setLoaded(): void;
	/** Why no traffic should come now; undefined if it should. */
	whyNotReady(): string | undefined;
	/** Says at once that it is not ready; for `delayMs` it takes requests as before. */
	close(delayMs?: number): Promise<void>;
}

const TIMEOUT_MS = 30_000;

type Phase = "loading" | "serving" | "stopping";

/** Listens; fails with NOT_READY where the port is in use, with DENIED where it is not ours to take. */
export async function openRestServer(
	options: RestServerOptions,
): Promise<RestServer> {
	const { host, address, port, maxBody, observer, metrics } = options;
	const { cors = false, compat = "default", timeoutMs = TIMEOUT_MS } = options;
	const { access = OPEN_ACCESS } = options;
	let phase: Phase = "loading";
	let isLoaded = false;
	const whyNotReady = () => REASONS[phase](host);
	const isStarted = () => isLoaded;
	const app = buildApp({
		service: {
			...{ host, cors, compat, timeoutMs, metrics, observer },
			...{ whyNotReady, isStarted, bounds: options.bounds },
			needsTokens: access.tokens !== undefined,
		},
		access,
		maxBody,
		isStopping: () => phase === "stopping" && drain.sendsAway,
	});
	const drain = drainOf(app.server, access.drainMs);
	try {
		await app.listen({ host: address, port });
	} catch (error) {
		throw listenError(error, address, port);
	}
	return {
		port: (app.server.address() as AddressInfo).port,
		setLoaded: () => {
			isLoaded = true;
			phase = "serving";
		},
		whyNotReady,
		close: async (delayMs = 0) => {
			phase = "stopping";
			await drain.run(delayMs);
			await app.close();
		},
	};
}

const REASONS: Readonly<Record<Phase, (host: Host) => string | undefined>> = {
	loading: () => "models are being loaded",
	serving: (host) =>
		host.names.some((name) => host.isAvailable(name))
			? undefined
			: "no model has a version that answers",
	stopping: () => "the server is stopping",
};

function listenError(
	cause: unknown,
	address: string,
	port: number,
): MlshipError {
	const reason = LISTEN_ERRORS[(cause as NodeJS.ErrnoException).code ?? ""];
	if (reason === undefined) return asMlshipError(cause);
	const { code, text, hint } = reason;
	return fail(code, `cannot listen on ${address}:${port}: ${text}`, {
		hint: hint(port),
		cause,
	});
}

const LISTEN_ERRORS: Readonly<
	Record<
		string,
		{
			readonly code: ErrorCode;
			readonly text: string;
			readonly hint: (port: number) => string;
		}
	>
> = {
	EADDRINUSE: {
		code: "NOT_READY",
		text: "the port is in use",
		hint: (port) =>
			`stop the process that has it, or choose another: --rest-api-port ${port < 65_535 ? port + 1 : port - 1}`,
	},
	EACCES: {
		code: "DENIED",
		text: "permission denied",
		hint: () => "choose a port above 1023: --rest-api-port 8501",
	},
	EADDRNOTAVAIL: {
		code: "NOT_READY",
		text: "this machine has no such address",
		hint: () => "bind all addresses: --host 0.0.0.0",
	},
	ENOTFOUND: {
		code: "INVALID",
		text: "no machine has that name",
		hint: () => "bind all addresses: --host 0.0.0.0",
	},
};
