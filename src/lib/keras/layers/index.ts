import { fail } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { LayerEntry } from "../entry.js";
import type { Layer } from "../model.js";
import { ACTIVATION_LAYERS } from "./activation.js";
import { ADAPTIVE_POOLING_LAYERS } from "./adaptive-pooling.js";
import { ATTENTION_LAYERS } from "./attention.js";
import { CONVOLUTION_LAYERS } from "./convolution.js";
import { CORE_LAYERS } from "./core.js";
import { DEPTHWISE_LAYERS } from "./depthwise.js";
import { LOCAL_LAYERS } from "./local.js";
import { FEATURE_LAYERS } from "./lookup/features.js";
import { LOOKUP_LAYERS } from "./lookup/index-lookup.js";
import { TEXT_LAYERS } from "./lookup/text.js";
import { MERGING_LAYERS } from "./merging.js";
import { NORMALIZATION_LAYERS } from "./normalization.js";
import { POOLING_LAYERS } from "./pooling.js";
import { PREPROCESSING_LAYERS } from "./preprocessing.js";
import { RECURRENT_LAYERS } from "./recurrent.js";
import { RESHAPING_LAYERS } from "./reshaping.js";
import { SPECIAL_LAYERS } from "./special.js";
import { TRANSPOSED_CONVOLUTION_LAYERS } from "./transposed-convolution.js";
import { WRAPPER_LAYERS } from "./wrappers.js";

/** THE table of layers, one entry a class. */
export const LAYERS: Readonly<Record<string, LayerEntry>> = {
	...CORE_LAYERS,
	...ACTIVATION_LAYERS,
	...CONVOLUTION_LAYERS,
	...DEPTHWISE_LAYERS,
	...TRANSPOSED_CONVOLUTION_LAYERS,
	...POOLING_LAYERS,
	...ADAPTIVE_POOLING_LAYERS,
	...LOCAL_LAYERS,
	...NORMALIZATION_LAYERS,
	...RESHAPING_LAYERS,
	...MERGING_LAYERS,
	...RECURRENT_LAYERS,
	...WRAPPER_LAYERS,
	...PREPROCESSING_LAYERS,
	...LOOKUP_LAYERS,
	...TEXT_LAYERS,
	...FEATURE_LAYERS,
	...ATTENTION_LAYERS,
	...SPECIAL_LAYERS,
};

/** Other names of the same: of Keras 1 and 2, of TensorFlow 1.13, and short ones. */
const ALIASES: Readonly<Record<string, string>> = {
	BatchNormalizationV1: "BatchNormalization",
	BatchNormalizationV2: "BatchNormalization",
	SyncBatchNormalization: "BatchNormalization",
	"Addons>GroupNormalization": "GroupNormalization",
	Convolution1D: "Conv1D",
	Convolution2D: "Conv2D",
	Convolution3D: "Conv3D",
	Convolution1DTranspose: "Conv1DTranspose",
	Convolution2DTranspose: "Conv2DTranspose",
	Convolution3DTranspose: "Conv3DTranspose",
	SeparableConvolution1D: "SeparableConv1D",
	SeparableConvolution2D: "SeparableConv2D",
	MaxPool1D: "MaxPooling1D",
	MaxPool2D: "MaxPooling2D",
	MaxPool3D: "MaxPooling3D",
	AvgPool1D: "AveragePooling1D",
	AvgPool2D: "AveragePooling2D",
	AvgPool3D: "AveragePooling3D",
	GlobalMaxPool1D: "GlobalMaxPooling1D",
	GlobalMaxPool2D: "GlobalMaxPooling2D",
	GlobalMaxPool3D: "GlobalMaxPooling3D",
	GlobalAvgPool1D: "GlobalAveragePooling1D",
	GlobalAvgPool2D: "GlobalAveragePooling2D",
	GlobalAvgPool3D: "GlobalAveragePooling3D",
};

const SPECTRA = "spectra are not written yet";
const HISTOGRAMS = "what depends on a picture's histogram is not written yet";

/** Classes that are code, or that no entry computes, and why. */
const REFUSED: Readonly<Record<string, string>> = {
	STFTSpectrogram: SPECTRA,
	MelSpectrogram: SPECTRA,
	Equalization: HISTOGRAMS,
	AutoContrast: HISTOGRAMS,
	ContrastLimitedAdaptiveHistogramEqualization: HISTOGRAMS,
	Solarization: "pixels that it turns round are not written yet",
	MaxNumBoundingBoxes: "bounding boxes are not written yet",
	Pipeline: "pipelines of layers outside of the graph are not written yet",
	ReversibleEmbedding: "embeddings in both directions are not written yet",
	DenseFeatures: "feature columns are no layers: they are Python code",

	Lambda: "it runs Python code, which is never executed",
	TorchModuleWrapper: "it runs PyTorch",
	JaxLayer: "it runs JAX",
	FlaxLayer: "it runs JAX",
	TFSMLayer: "it runs a SavedModel that is not in the file",
};

/** What is to be done for a layer. Fails with UNSUPPORTED, naming it, where it is code or unknown. */
export function entryOf(layer: Layer): LayerEntry {
	const { className, name } = layer;
	const plain = Object.hasOwn(ALIASES, className)
		? ALIASES[className]
		: className;
	if (Object.hasOwn(LAYERS, plain)) return LAYERS[plain];
	const at = { layer: name, class: className };
	if (Object.hasOwn(REFUSED, className))
		throw fail(
			"UNSUPPORTED",
			`cannot export layer "${name}" (${className}): ${REFUSED[className]}`,
			{
				hint: "replace it by layers of Keras, or export the model in Python by model.export(DIR)",
				at,
			},
		);
	const known = quoted(nearest(className, Object.keys(LAYERS)));
	throw fail(
		"UNSUPPORTED",
		`cannot export layer "${name}" (${className}): it is no layer of Keras that mlship knows, and the code of a custom one is not in the file; nearest are ${known}`,
		{
			hint: "export the model in Python by model.export(DIR), and add the SavedModel",
			at,
		},
	);
}
