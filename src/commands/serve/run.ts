import type { Access } from "../../lib/serving/access/access.js";
import { Batcher } from "../../lib/serving/batching/batcher.js";
import type { GrpcServer } from "../../lib/serving/grpc/server.js";
import { Host } from "../../lib/serving/host.js";
import { checkIntegrity } from "../../lib/serving/integrity.js";
import { loadModel } from "../../lib/serving/load.js";
import { Loader } from "../../lib/serving/loading/loader.js";
import { reloadConfig } from "../../lib/serving/reload.js";
import {
	openRestServer,
	type RestServer,
} from "../../lib/serving/rest/server.js";
import { warmedUp } from "../../lib/serving/warm-up.js";
import { Watch } from "../../lib/serving/watch.js";
import type { CommandContext, GlobalOptions } from "../context.js";
import type { ClientNeeds } from "../ui/curl.js";
import { servingJson, showEvent, showServing } from "../ui/serve.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { type OpenedAccess, openAccess } from "./access.js";
import { readConfiguration } from "./configuration.js";
import { endServing } from "./ending.js";
import type { FlagValues } from "./flags.js";
import { openGrpc } from "./grpc.js";
import { withImageVariables } from "./image-variables.js";
import { loadModels } from "./loading.js";
import { openObservation } from "./observation.js";
import { notesOf } from "./options.js";
import { describeServing, placeOf, urlOf } from "./serving.js";
import { readSettings, type ServeSettings } from "./settings.js";

/**
 * Serves until the context's signal, then finishes what is under way. The ports are opened before models are loaded, so
 * that one in use is known at once; strictly behind that, as scripts wait for them. Fails where no version of any model
 * could be loaded.
 */
export async function runServe(call: ServeCall): Promise<void> {
	const { paths, options, context } = call;
	const { cwd, env, signal, stderr } = context;
	const flags = withImageVariables(call.flags, paths, env);
	const settings = readSettings(flags, context);
	for (const note of notesOf(flags)) stderr(`note: ${note}\n`);
	const warn = (message: string) => stderr(`warning: ${message}\n`);
	const access = openAccess(flags, { cwd, warn });
	let server: RestServer | undefined;
	const observation = await openObservation(settings, context, () => ({
		host,
		isReady: () => server !== undefined && server.whyNotReady() === undefined,
	}));
	const { observer } = observation;
	const given = {
		...settings.load,
		batcher: new Batcher(settings.batching, observer),
		loader: new Loader(settings.loadsAtOnce),
	};
	const open = async (dir: string) => {
		if (flags.verify_manifest === true) await checkIntegrity(dir);
		const version = await loadModel(dir, given);
		const { warmUp, maxBody } = settings;
		return warmUp === undefined
			? version
			: warmedUp(version, { ...warmUp, maxBody, observer });
	};
	const host = new Host(open, {
		keepsEnded: settings.compat === "strict",
		observer,
	});
	const watch = new Watch(host, {
		...settings.watch,
		// the loader looks itself
		check: () => ({ complete: true }),
		report: (event) => {
			if (watch.isStarted && !options.quiet) stderr(showEvent(event));
		},
	});
	const configuration = readConfiguration({
		paths,
		flags,
		settings,
		place: { cwd, env, models: flags.models },
		watch,
		warn,
	});
	const { models, file } = configuration;
	const isStrict = settings.compat === "strict";
	const stopped = aborted(signal);
	const load = () =>
		Promise.race([loadModels({ host, watch, models, isStrict }), stopped]);
	let grpc: GrpcServer | undefined;
	try {
		const before = isStrict ? await load() : undefined;
		if (signal.aborted) return;
		const rest = await openRestServer({
			...{ ...settings, host, observer },
			metrics: observation.page,
			access: access.rest,
		});
		server = rest;
		grpc = await openGrpc(
			settings.grpc,
			{
				...{ ...settings, host, observer },
				access: access.grpc,
				counterValue: observation.counterValue,
				whyNotReady: () => rest.whyNotReady(),
				reload: (config) => reloadConfig(watch, config, settings.compat),
			},
			stderr,
		);
		const failures = before ?? (await load());
		if (!signal.aborted) {
			for (const { message } of failures ?? []) stderr(`warning: ${message}\n`);
			rest.setLoaded();
			watch.start(settings.pollMs);
			file?.start(settings.configPollMs);
			announce(call, settings, { host, rest, grpc, access });
		}
		await stopped;
		if (!options.quiet) stderr("stopping: finishing the requests under way\n");
	} finally {
		file?.close();
		watch.close();
		access.close();
		await endServing({
			...{ host, rest: server, grpc },
			// where nothing could be served there is nobody to be told
			delayMs: signal.aborted ? (flags.drain_delay ?? 0) : 0,
			drainMs: access.rest.drainMs,
		});
		await observation.close();
	}
}

/** A command line, read. */
export interface ServeCall {
	readonly paths: readonly string[];
	readonly flags: FlagValues;
	readonly options: GlobalOptions;
	readonly context: CommandContext;
}

interface Servers {
	readonly host: Host;
	readonly rest: RestServer;
	readonly grpc: GrpcServer | undefined;
	readonly access: OpenedAccess;
}

/** Tells what is served, and where. */
function announce(
	{ flags, options, context }: ServeCall,
	{ address }: ServeSettings,
	{ host, rest, grpc, access }: Servers,
): void {
	const serving = {
		...describeServing(
			host,
			urlOf(address, rest.port, access.rest.tls !== undefined),
			grpc && grpc.port > 0 ? placeOf(address, grpc.port) : undefined,
		),
		needs: needsOf(flags, access.rest),
	};
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify(servingJson(serving))}\n`
			: showServing(serving, style),
	);
}

/** curl trusts a server's own certificate too, whoever signed it. */
function needsOf(flags: FlagValues, { tls, tokens }: Access): ClientNeeds {
	return {
		certificate: tls && (flags.tls_cert || "server.pem"),
		ownCertificate: tls?.value.verifyClient === true,
		token: tokens !== undefined,
	};
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
