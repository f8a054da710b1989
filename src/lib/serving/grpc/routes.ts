import type { DescService } from "@bufbuild/protobuf";
import { ModelService } from "../../../gen/model_service_pb.js";
import { PredictionService } from "../../../gen/prediction_pb.js";
import type { Api } from "../observer.js";
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
