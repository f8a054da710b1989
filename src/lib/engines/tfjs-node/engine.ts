import type { Program } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import type {
	Engine,
	Form,
	Obstacle,
	Origin,
	PrepareOptions,
	Refusal,
} from "../engine.js";
import { addonObstacle } from "./addon.js";
import { openModel, type TensorFlowSource } from "./model.js";

/** libtensorflow through @tensorflow/tfjs-node, where the user has installed it: TensorFlow's own kernels. */
export const tfjsNodeEngine: Engine = {
	name: "tfjs-node",
	runtime: () => {
		for (const [name, value] of Object.entries(SETTINGS))
			process.env[name] ??= value;
		return RUNTIME;
	},
	obstacles: tensorFlowObstacles,
	prepare: prepareTensorFlow,
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

async function prepareTensorFlow(
	program: Program,
	{ workers: wanted = 1, origin, starting }: PrepareOptions,
): Promise<Form | Refusal> {
	const obstacles = tensorFlowObstacles(program, origin);
	if (obstacles.length > 0 || origin === undefined) return { obstacles };
	const { dir, tags, signature } = origin;
	const { inputs, outputs } = signature;
	// variables that are set live in one session; those of other signatures are not theirs
	const workers = program.state.length > 0 ? Math.min(1, wanted) : wanted;
	starting?.(workers);
	const source: TensorFlowSource = { dir, tags, inputs, outputs };
	return { source, transferList: [], workers, inputs, outputs, isSmall: true };
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
	open: (source: unknown) => openModel(source as TensorFlowSource),
};
