import type { Program } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import type {
	Engine,
	EngineOptions,
	Obstacle,
	Origin,
	Refusal,
	Session,
} from "../engine.js";
import { openSession } from "../pool/session.js";
import { addonObstacle } from "./addon.js";
import { openModel } from "./model.js";

/** libtensorflow through @tensorflow/tfjs-node, where the user has installed it: TensorFlow's own kernels. */
export const tfjsNodeEngine: Engine = {
	name: "tfjs-node",
	obstacles: tensorFlowObstacles,
	load: loadTensorFlow,
};

function tensorFlowObstacles(
	program: Program,
	origin?: Origin,
): readonly Obstacle[] {
	const missing = addonObstacle();
	const handles = [...program.inputs, ...program.outputs].filter(
		({ dtype }) => DTYPES[dtype].kind === "handle",
	);
	return [
		...(missing === undefined ? [] : [{ reason: missing }]),
		...(origin === undefined
			? [{ reason: "runs SavedModels, and this program comes from none" }]
			: []),
		...handles.map(({ name, dtype }) => ({
			reason: `cannot hand over "${name}", a ${dtype}`,
		})),
	];
}

async function loadTensorFlow(
	program: Program,
	{ workers = 1, origin }: EngineOptions = {},
): Promise<Session | Refusal> {
	const obstacles = tensorFlowObstacles(program, origin);
	if (obstacles.length > 0 || origin === undefined) return { obstacles };
	const { dir, tags, signature } = origin;
	for (const [name, value] of Object.entries(SETTINGS))
		process.env[name] ??= value;
	// variables that are set live in one session; those of other signatures are not theirs
	const { inputs, outputs } = signature;
	const source = { dir, tags, inputs, outputs };
	return openSession(
		program.state.length > 0 ? Math.min(1, workers) : workers,
		RUNTIME,
		() => ({ source, inputs, outputs }),
		() => source,
	);
}

/** What libtensorflow looks up when it is loaded; a user's own setting stays. */
const SETTINGS = {
	// it speaks of processors and optimizers on standard error; errors are returned as well
	TF_CPP_MIN_LOG_LEVEL: "3",
	// oneDNN of TensorFlow 2.10 refuses empty batches and gets convolutions of parts of a picture wrong
	TF_ENABLE_ONEDNN_OPTS: "0",
};

const RUNTIME = {
	script: new URL("./tfjs-node-worker.js", import.meta.url),
	sendable: (source: unknown) => ({ source, transferList: [] }),
	open: openModel,
};
