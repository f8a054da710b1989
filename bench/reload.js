import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { ReloadConfigRequestSchema } from "../dist/gen/model_service_pb.js";
import { GrpcCaller } from "./grpc.js";
import { HOME } from "./place.js";
import { residentBytes, serve } from "./serving.js";

/**
 * Gives `measure` a server of the demo model (`small`) that can be told to serve others (`caller`), a folder for these, and
 * how much memory the server has when it has come to rest.
 */
export async function withReloading(measure, env) {
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	const config = join(folder, "models.config");
	const small = { name: "digits", basePath: join(HOME, "models/digits") };
	writeFileSync(
		config,
		`model_config_list { config { name: "${small.name}" base_path: "${small.basePath}" model_platform: "tensorflow" } }`,
	);
	const server = await serve([`--model_config_file=${config}`], {
		grpc: true,
		env,
	});
	const caller = new GrpcCaller(server.grpcPlace);
	const memory = async (wait) => {
		// what was replaced finishes what it runs, then its threads end
		await new Promise((resolve) => setTimeout(resolve, wait));
		return residentBytes(server.pid);
	};
	try {
		return await measure({ folder, caller, memory, small });
	} finally {
		caller.close();
		await server.stop();
		rmSync(folder, { recursive: true });
	}
}

const RELOAD = "/tensorflow.serving.ModelService/HandleReloadConfigRequest";

/** Serves these models from now on, `{ name, basePath, version? }` each; resolves when they answer. */
export async function reload(caller, models) {
	const config = models.map(({ name, basePath, version }) => ({
		name,
		basePath,
		modelPlatform: "tensorflow",
		...(version !== undefined && {
			modelVersionPolicy: {
				policyChoice: {
					case: "specific",
					value: { versions: [BigInt(version)] },
				},
			},
		}),
	}));
	await caller.call(
		RELOAD,
		toBinary(
			ReloadConfigRequestSchema,
			create(ReloadConfigRequestSchema, {
				config: { config: { case: "modelConfigList", value: { config } } },
			}),
		),
	);
}
