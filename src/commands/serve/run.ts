import { fail, type MlshipError } from "../../lib/errors.js";
import { Batcher } from "../../lib/serving/batching/batcher.js";
import type { GrpcServer } from "../../lib/serving/grpc/server.js";
import { Host } from "../../lib/serving/host.js";
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
import { servingJson, showEvent, showServing } from "../ui/serve.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { type Configuration, readConfiguration } from "./configuration.js";
import type { FlagValues } from "./flags.js";
import { openGrpc } from "./grpc.js";
import { withImageVariables } from "./image-variables.js";
import { openObservation } from "./observation.js";
import { notesOf } from "./options.js";
import {
	absencesOf,
	describeServing,
	failuresOf,
	placeOf,
	urlOf,
} from "./serving.js";
import { readSettings, type ServeSettings } from "./settings.js";

/**
 * Serves until the context's signal, then finishes what is under way. The ports are opened before models are loaded, so
 * that one in use is known at once. Fails where no version of any model could be loaded.
 */
export async function runServe(call: ServeCall): Promise<void> {
	const { paths, options, context } = call;
	const { cwd, env, signal, stderr } = context;
	const flags = withImageVariables(call.flags, paths, env);
	const settings = readSettings(flags, context);
	for (const note of notesOf(flags)) stderr(`note: ${note}\n`);
	const observation = await openObservation(settings, () => ({
		host,
		isReady: () => server.whyNotReady() === undefined,
	}));
	const { observer } = observation;
	const load = {
		...settings.load,
		batcher: new Batcher(settings.batching, observer),
		loader: new Loader(),
	};
	const open = async (dir: string) => {
		const version = await loadModel(dir, load);
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
		warn: (message) => stderr(`warning: ${message}\n`),
	});
	const server = await openRestServer({
		...{ ...settings, host, observer },
		metrics: observation.page,
	});
	const stopped = aborted(signal);
	let grpc: GrpcServer | undefined;
	try {
		grpc = await openGrpc(
			settings.grpc,
			{
				...{ ...settings, host, observer },
				counterValue: observation.counterValue,
				whyNotReady: () => server.whyNotReady(),
				reload: (config) => reloadConfig(watch, config, settings.compat),
			},
			stderr,
		);
		await Promise.race([
			start({
				...{ host, watch, configuration, server, grpc },
				...{ settings, options, context },
			}),
			stopped,
		]);
		await stopped;
		if (!options.quiet) stderr("stopping: finishing the requests under way\n");
	} finally {
		configuration.file?.close();
		watch.close();
		await Promise.all([server.close(), grpc?.close()]);
		await host.close();
		observation.close();
	}
}

/** A command line, read. */
export interface ServeCall {
	readonly paths: readonly string[];
	readonly flags: FlagValues;
	readonly options: GlobalOptions;
	readonly context: CommandContext;
}

interface Start {
	readonly host: Host;
	readonly watch: Watch;
	readonly server: RestServer;
	readonly grpc: GrpcServer | undefined;
	readonly configuration: Configuration;
	readonly settings: ServeSettings;
	readonly options: GlobalOptions;
	readonly context: CommandContext;
}

/** Loads the models and tells what is served. */
async function start(given: Start): Promise<void> {
	const { host, watch, configuration, server, grpc } = given;
	const { settings, options, context } = given;
	const { models, file } = configuration;
	const troubles = await watch.applyConfig(models);
	if (context.signal.aborted) return;
	const failures = [...failuresOf(host), ...absencesOf(host, troubles)];
	// a file that lists none may list some later
	if (models.length > 0 && !host.names.some((name) => host.isAvailable(name)))
		throw nothingToServe(failures);
	for (const { message } of failures) context.stderr(`warning: ${message}\n`);
	server.setLoaded();
	watch.start(settings.pollMs);
	file?.start(settings.configPollMs);
	const { address } = settings;
	const serving = describeServing(
		host,
		urlOf(address, server.port),
		grpc && grpc.port > 0 ? placeOf(address, grpc.port) : undefined,
	);
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify(servingJson(serving))}\n`
			: showServing(serving, style),
	);
}

/** One reason is passed on as it is; of several the first decides the exit status. */
function nothingToServe(failures: readonly MlshipError[]): MlshipError {
	const [first] = failures;
	if (first === undefined)
		return fail("NOT_FOUND", "cannot serve: there is no version of any model");
	return failures.length === 1
		? first
		: fail(
				first.code,
				`cannot serve anything: ${failures.map(({ message }) => message).join("; ")}`,
				{ cause: first },
			);
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
