import type { DescService } from "@bufbuild/protobuf";
import { Health } from "../../../gen/health_pb.js";
import { ModelService } from "../../../gen/model_service_pb.js";
import { PredictionService } from "../../../gen/prediction_pb.js";
import type { Scope } from "../access/tokens.js";
import type { Api } from "../observer.js";
import { definitionOf } from "./definition.js";
import {
	answerClassify,
	answerMultiInference,
	answerRegress,
} from "./examples.js";
import { answerMetadata } from "./metadata.js";
import { answerPredict } from "./predict.js";
import { answerReload } from "./reload.js";
import type { AnswerBytes } from "./service.js";
import { answerStatus } from "./status.js";

/** A service all of whose methods take one message and give one. */
export interface Route {
	readonly service: DescService;
	/** By the methods' names. */
	readonly methods: Readonly<Record<string, readonly [Api, AnswerBytes]>>;
}

export const ROUTES: readonly Route[] = [
	{
		service: PredictionService,
		methods: {
			Classify: ["classify", answerClassify],
			Regress: ["regress", answerRegress],
			Predict: ["predict", answerPredict],
			MultiInference: ["multi_inference", answerMultiInference],
			GetModelMetadata: ["metadata", answerMetadata],
		},
	},
	{
		service: ModelService,
		methods: {
			GetModelStatus: ["status", answerStatus],
			HandleReloadConfigRequest: ["reload", answerReload],
		},
	},
];

const APIS: ReadonlyMap<string, Api> = new Map(
	ROUTES.flatMap(({ service, methods }) =>
		Object.entries(methods).map(
			([name, [api]]) => [definitionOf(service)[name].path, api] as const,
		),
	),
);

const FREE: ReadonlySet<string> = new Set(
	Object.values(definitionOf(Health)).map(({ path }) => path),
);

const { path: RELOAD } = definitionOf(ModelService).HandleReloadConfigRequest;

/** What a method asks for; undefined for those that ask for the server's own state. */
export function apiOf(path: string): Api | undefined {
	return APIS.get(path);
}

/** What a token must be good for to call a method; undefined where nobody needs one. */
export function scopeOf(path: string): Scope | undefined {
	if (FREE.has(path)) return undefined;
	return path === RELOAD ? "admin" : "predict";
}
