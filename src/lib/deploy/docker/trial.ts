import { get } from "node:http";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { fail, type MlshipError } from "../../errors.js";
import type { RuntimeName } from "./base.js";
import { type Daemon, daemonError } from "./daemon.js";

/** A container that runs an image, ready to be asked. */
export interface Trial {
	/** Of the container. */
	readonly name: string;
	/** `http://127.0.0.1:8501`. */
	readonly rest: string;
	readonly grpc: string;
	/** From its start until it was ready, in milliseconds. */
	readonly readyAfter: number;
	/** Stops it and takes it away. */
	remove(): Promise<void>;
}

export interface TrialSettings {
	readonly image: string;
	readonly runtime: RuntimeName;
	/** The first is looked at where the server does not tell of itself. */
	readonly models: readonly string[];
	readonly signal: AbortSignal;
}

/**
 * Starts an image as a cluster would: read-only, without capabilities, reachable from this machine alone; waits until it is
 * ready. Fails with NOT_READY and what it printed where it ends instead, with TIMEOUT after two minutes; nothing is left then.
 */
export async function startTrial(
	daemon: Daemon,
	{ image, runtime, models, signal }: TrialSettings,
): Promise<Trial> {
	if (!/^(unix|npipe):/.test(daemon.host))
		throw fail(
			"UNSUPPORTED",
			`cannot run ${image} and ask it: its daemon is on another machine, ${daemon.host}`,
			{ hint: "leave out --run" },
		);
	const name = `mlship-${models[0].toLowerCase().replace(/[^a-z0-9_.-]/g, "-")}`;
	await removeOwn(daemon, name);
	const container = await create(daemon, image, name);
	const remove = () => removeWholly(container);
	try {
		const start = performance.now();
		await container.start();
		const { NetworkSettings } = await container.inspect();
		const rest = `http://${addressOf(NetworkSettings.Ports, REST)}`;
		const grpc = addressOf(NetworkSettings.Ports, GRPC);
		await untilReady(
			container,
			`${rest}${READY[runtime].path(models)}`,
			runtime,
			signal,
		);
		return { name, rest, grpc, readyAfter: performance.now() - start, remove };
	} catch (error) {
		await remove();
		throw daemonError(error, `run ${image}`);
	}
}

const REST = "8501/tcp";
const GRPC = "8500/tcp";
const LABEL = "dev.mlship.trial";

/** What a run before left. */
async function removeOwn({ api }: Daemon, name: string): Promise<void> {
	const container = api.getContainer(name);
	const found = await container.inspect().catch(() => undefined);
	if (found === undefined) return;
	if (found.Config.Labels?.[LABEL] === undefined)
		throw fail(
			"INVALID",
			`cannot run a container named ${name}: there is another one`,
			{
				hint: `run docker rm --force ${name} if nobody needs it`,
			},
		);
	await removeWholly(container);
}

/** Until its name is free: somebody else may be removing it, and removing takes its time. */
async function removeWholly(container: Docker.Container): Promise<void> {
	await container.remove({ force: true }).catch((error: unknown) => {
		const { statusCode = 0 } = error as { statusCode?: number };
		// gone, or going
		if (statusCode !== 404 && statusCode !== 409)
			throw daemonError(error, "remove the container");
	});
	for (let tries = 0; tries < REMOVAL_TRIES; tries++) {
		const found = await container.inspect().catch(() => undefined);
		if (found === undefined) return;
		await delay(POLL_MS);
	}
}

const REMOVAL_TRIES = 400;

async function create(
	{ api }: Daemon,
	image: string,
	name: string,
): Promise<Docker.Container> {
	const ports = await Promise.all(
		[8501, 8500].map(async (port) =>
			(await isFree(port)) ? String(port) : "",
		),
	);
	const binding = (port: string) => [{ HostIp: "127.0.0.1", HostPort: port }];
	try {
		return await api.createContainer({
			Image: image,
			name,
			Labels: { [LABEL]: "" },
			StopTimeout: 30,
			HostConfig: {
				ReadonlyRootfs: true,
				CapDrop: ["ALL"],
				SecurityOpt: ["no-new-privileges"],
				Tmpfs: { "/tmp": "" },
				PortBindings: { [REST]: binding(ports[0]), [GRPC]: binding(ports[1]) },
			},
		});
	} catch (error) {
		throw daemonError(error, `run ${image}`);
	}
}

/** Another port is taken where something listens. */
function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}

function addressOf(
	ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"] | undefined,
	port: string,
): string {
	const found = ports?.[port]?.[0];
	if (found === undefined)
		throw fail(
			"NOT_READY",
			`cannot reach port ${port} of the container: it was not published`,
		);
	return `127.0.0.1:${found.HostPort}`;
}

/** Where a server says that it is ready, and how. */
const READY: Readonly<
	Record<
		RuntimeName,
		{ path(models: readonly string[]): string; says(body: string): boolean }
	>
> = {
	mlship: { path: () => "/readyz", says: () => true },
	tfs: {
		path: ([model]) => `/v1/models/${model}`,
		says: (body) => body.includes('"AVAILABLE"'),
	},
};

async function untilReady(
	container: Docker.Container,
	url: string,
	runtime: RuntimeName,
	signal: AbortSignal,
): Promise<void> {
	const end = performance.now() + LIMIT_MS;
	while (performance.now() < end) {
		signal.throwIfAborted();
		const answer = await answerOf(url);
		if (answer !== undefined && READY[runtime].says(answer)) return;
		const { State } = await container.inspect();
		if (!State.Running) throw await ended(container, State.ExitCode);
		await delay(POLL_MS);
	}
	throw fail(
		"TIMEOUT",
		`cannot wait longer for the container: it was not ready after ${LIMIT_MS / 1000} s${await lastLines(container)}`,
	);
}

/**
 * What is said with status 200. A port that Docker published takes connections before anything listens behind it, and ends
 * them: `fetch` of Node.js 20 never tells of that.
 */
function answerOf(url: string): Promise<string | undefined> {
	return new Promise((resolve) => {
		const asking = get(
			url,
			{ agent: false, timeout: ANSWER_MS },
			(response) => {
				const said = text(response).catch(() => undefined);
				resolve(response.statusCode === 200 ? said : undefined);
			},
		);
		asking.on("timeout", () => asking.destroy());
		asking.on("close", () => resolve(undefined));
		asking.on("error", () => resolve(undefined));
	});
}

const ANSWER_MS = 2_000;
const LIMIT_MS = 120_000;
const POLL_MS = 25;

async function ended(
	container: Docker.Container,
	code: number,
): Promise<MlshipError> {
	return fail(
		"NOT_READY",
		`cannot run the image: it ended with status ${code}${await lastLines(container)}`,
	);
}

async function lastLines(container: Docker.Container): Promise<string> {
	const logs = await container.logs({ stdout: true, stderr: true, tail: 10 });
	return unframed(logs)
		.split("\n")
		.filter((line) => line.trim() !== "")
		.map((line) => `\n  ${line}`)
		.join("");
}

/** The Engine API puts a kind and a length before each piece (API reference, "Stream format"). */
function unframed(bytes: Buffer): string {
	const parts: Buffer[] = [];
	for (let at = 0; at + 8 <= bytes.length; ) {
		const length = bytes.readUInt32BE(at + 4);
		parts.push(bytes.subarray(at + 8, at + 8 + length));
		at += 8 + length;
	}
	return Buffer.concat(parts).toString();
}
