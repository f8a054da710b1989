import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { freePort, MLSHIP, startServer } from "./child.js";

/** `mlship serve` on the folder of a model, on free ports, that of gRPC only if wanted; once all models are loaded. */
export async function serve(args, { grpc = false, env = {} } = {}) {
	const port = await freePort();
	const grpcPort = grpc ? await freePort() : 0;
	const { pid, stop } = await startServer(
		process.execPath,
		[
			...[MLSHIP, "serve", ...args],
			...[`--rest_api_port=${port}`, `--port=${grpcPort}`],
		],
		env,
		async () => {
			const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(
				() => undefined,
			);
			return response?.ok === true;
		},
	);
	return {
		pid,
		stop,
		url: `http://127.0.0.1:${port}`,
		grpcPlace: `127.0.0.1:${grpcPort}`,
	};
}

/** Where a served model answers, of whose versions one is in a folder. */
export function predictUrl({ url }, folder) {
	return `${url}/v1/models/${basename(dirname(folder))}:predict`;
}

/** Bytes of memory that a process has (Linux). */
export function residentBytes(pid) {
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

/** Seconds of processors that a process has used, all its threads together (Linux, in hundredths). */
export function processorSeconds(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	// behind the name, which may have blanks: fields 14 and 15 of proc(5)
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / 100;
}
