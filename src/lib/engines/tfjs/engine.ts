import { inferTypes } from "../../graph/infer.js";
import type { Program } from "../../graph/ir.js";
import { lowerToWeb } from "../../targets/web/lower.js";
import { preparedForWeb } from "../../targets/web/prepare.js";
import type {
	Engine,
	Form,
	Obstacle,
	PrepareOptions,
	Refusal,
} from "../engine.js";
import { byOperation } from "../obstacles.js";
import { hasListsAlone } from "./backend.js";
import { openModel, sourceOf, type TfjsSource } from "./model.js";
import { hasTfjs, INSTALL_TFJS } from "./packages.js";

/** TensorFlow.js, which runs what a browser would: a program as the graph model that `targets/web` makes of it. */
export const tfjsEngine: Engine = {
	name: "tfjs",
	runtime: () => RUNTIME,
	obstacles: tfjsObstacles,
	prepare: prepareTfjs,
};

function tfjsObstacles(program: Program): readonly Obstacle[] {
	const { model, obstacles } = lowered(program);
	return [
		...byOperation(obstacles),
		...(hasListsAlone(model)
			? [{ reason: "runs lists of tensors with loops only" }]
			: []),
		...(model.initializer === undefined
			? []
			: [{ reason: "complains of every run of a model with tables" }]),
		...(hasTfjs() ? [] : [{ reason: `is not installed (${INSTALL_TFJS})` }]),
	];
}

async function prepareTfjs(
	program: Program,
	{ workers = 1, starting }: PrepareOptions,
): Promise<Form | Refusal> {
	const obstacles = tfjsObstacles(program);
	if (obstacles.length > 0) return { obstacles };
	starting?.(workers);
	const source = sourceOf(program, lowered(program).model);
	const types = inferTypes(preparedForWeb(program));
	return {
		source,
		transferList: source.artifacts.weightData,
		workers,
		inputs: program.inputs.map(({ name, dtype, shape }) => ({
			name,
			dtype,
			shape,
		})),
		outputs: preparedForWeb(program).outputs.map(
			({ name, value, dtype, shape }) => ({
				name,
				dtype,
				shape: types.typeOf(value).shape ?? shape,
			}),
		),
	};
}

const RUNTIME = {
	script: new URL("./tfjs-worker.js", import.meta.url),
	open: (source: unknown) => openModel(source as TfjsSource),
};

function lowered(program: Program): ReturnType<typeof lowerToWeb> {
	return lowerToWeb(preparedForWeb(program));
}
