import { execFile } from "node:child_process";
import { promisify } from "node:util";
import Docker from "dockerode";

const run = promisify(execFile);
const SCRIPT = "test/docker/dockerd.sh";

/** A daemon and a registry, ours or those that were there. */
export interface TestDaemon {
	readonly api: Docker;
	/** For `DOCKER_HOST`. */
	readonly host: string;
	/** `127.0.0.1:5000`. */
	readonly registry: string;
	/** Stops what was started for the test. */
	stop(): Promise<void>;
}

/** Starts a daemon and a registry where that can be done; else the reason why not. */
export async function startDaemon(): Promise<TestDaemon | string> {
	try {
		const { stdout: before } = await run(SCRIPT, ["status"]);
		const { stdout } = await run(SCRIPT, ["up"]);
		const [host, registry] = stdout.trim().split("\n");
		return {
			api: new Docker({
				socketPath: host.replace("unix://", ""),
				host: undefined,
			}),
			host,
			registry,
			stop: async () => {
				if (before.includes("dockerd: down")) await run(SCRIPT, ["down"]);
			},
		};
	} catch (error) {
		const { stderr = String(error) } = error as { stderr?: string };
		return stderr.trim().split("\n").at(-1) ?? "";
	}
}
