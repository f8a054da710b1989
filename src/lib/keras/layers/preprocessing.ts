import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import {
	type Length,
	lengthOf,
	lengthsOf,
	rankOf,
	sliced,
} from "../graph/shape.js";
import { isList } from "../json.js";
import {
	flag,
	integer,
	integers,
	numbers,
	unsupported,
	word,
} from "../settings.js";
import { identity } from "./core.js";
import { resized } from "./reshaping.js";
import { channelsLast } from "./spatial.js";

const rescaling: LayerEntry = {
	mask: "passes",
	emit: (scope) => {
		const { graph, policy } = scope;
		const x = graph.cast(scope.inputs[0], policy.compute);
		const scaled = graph.op("Mul", [x, setting(scope, "scale")]);
		return graph.op("AddV2", [scaled, setting(scope, "offset")]);
	},
};

/** A number, or one for each channel. */
function setting({ layer, graph, policy }: LayerScope, name: string): Flow {
	const found = numbers(layer, name) ?? { shape: [], values: [0] };
	return graph.array(policy.compute, found.shape, found.values);
}

const EPSILON = 1e-7;

/** With numbers of its own, or with those that it saw (keras layers/preprocessing/normalization.py). */
const normalization: LayerEntry = {
	mask: "passes",
	weights: ({ config }) =>
		config.mean !== null && config.mean !== undefined
			? []
			: ["mean", "variance", "count"].map((name) => ({
					name,
					trainable: false as const,
				})),
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const x = graph.cast(scope.inputs[0], policy.compute);
		const mean = statistic(scope, "mean", x);
		const variance = statistic(scope, "variance", x);
		const deviation = graph.op("Maximum", [
			graph.op("Sqrt", [variance]),
			graph.scalar(x.dtype, EPSILON),
		]);
		return flag(layer, "invert", false)
			? graph.op("AddV2", [mean, graph.op("Mul", [x, deviation])])
			: graph.op("RealDiv", [graph.op("Sub", [x, mean]), deviation]);
	},
};

/** In a shape that broadcasts along the axes that are kept. */
function statistic(scope: LayerScope, name: string, x: Flow): Flow {
	const { layer, graph } = scope;
	const rank = rankOf(x);
	const { axis = -1 } = layer.config;
	const given =
		axis === null
			? []
			: isList(axis)
				? integers(layer, "axis")
				: [integer(layer, "axis", -1)];
	const kept = given
		.map((at) => (at < 0 ? rank + at : at))
		.sort((a, b) => a - b);
	const shape = Array.from({ length: rank }, (_, at) =>
		kept.includes(at) ? lengthOf(x, at) : 1,
	);
	const found = numbers(layer, name);
	if (found !== undefined) {
		const count = shape.reduce((product, length) => product * length, 1);
		const values =
			found.values.length === count
				? found.values
				: new Array<number>(count).fill(found.values[0]);
		return graph.array(x.dtype, shape, values);
	}
	const weight = scope.weight(
		name,
		kept.map((at) => lengthOf(x, at)),
	);
	return graph.op("Reshape", [weight, graph.ints(shape)]);
}

const resizing: LayerEntry = {
	mask: "ends",
	emit: (scope) => {
		const { layer } = scope;
		for (const name of ["pad_to_aspect_ratio", "antialias"])
			if (flag(layer, name, false))
				throw unsupported(layer, `its ${name} is true`);
		return channelsLast(scope, scope.inputs[0], (x) => {
			const size = [integer(layer, "height"), integer(layer, "width")];
			const shown = flag(layer, "crop_to_aspect_ratio", false)
				? croppedToRatio(scope, x, size)
				: x;
			return resizedTo(scope, shown, size);
		});
	},
};

function resizedTo(scope: LayerScope, x: Flow, size: readonly number[]): Flow {
	const { layer, graph } = scope;
	const result = resized(scope, x, {
		interpolation: word(layer, "interpolation", "bilinear"),
		size: graph.ints(size),
	});
	return result;
}

/** The largest part in the middle that has the ratio of what is wanted (keras backend/tensorflow/image.py, resize). */
function croppedToRatio(
	scope: LayerScope,
	x: Flow,
	[height, width]: readonly number[],
): Flow {
	const [has, across] = [lengthOf(x, 1), lengthOf(x, 2)];
	const high = Math.max(
		1,
		Math.min(has, Math.trunc((across * height) / width)),
	);
	const wide = Math.max(
		1,
		Math.min(across, Math.trunc((has * width) / height)),
	);
	const top = Math.trunc((has - high) / 2);
	const left = Math.trunc((across - wide) / 2);
	const rows = sliced(scope.graph, x, 1, [top, top + high]);
	return sliced(scope.graph, rows, 2, [left, left + wide]);
}

/** What is larger is cut, what is smaller is enlarged first (keras utils/image_utils.py, smart_resize). */
const centerCrop: LayerEntry = {
	mask: "ends",
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const input = graph.cast(scope.inputs[0], policy.compute);
		return channelsLast(scope, input, (x) => {
			const size = [integer(layer, "height"), integer(layer, "width")];
			const lengths = lengthsOf(graph, x).slice(1, 3);
			if (
				!lengths.every((length): length is number => typeof length === "number")
			)
				throw unsupported(layer, "the size of its pictures is not known");
			if (lengths.some((length: Length, i) => Number(length) < size[i])) {
				const shown = croppedToRatio(scope, x, size);
				return resized(scope, shown, {
					interpolation: "bilinear",
					size: graph.ints(size),
				});
			}
			return size.reduce((part, length, i) => {
				const start = Math.floor((Number(lengths[i]) - length) / 2);
				return sliced(graph, part, i + 1, [start, start + length]);
			}, x);
		});
	},
};

/** At inference Keras 2 makes all of a picture smaller, as far as its ratio lets it; Keras 3 does nothing. */
const randomCrop: LayerEntry = {
	mask: "ends",
	emit: (scope) => {
		const { layer, graph, policy, inputs } = scope;
		if (layer.generation === 3) return inputs;
		const size = [integer(layer, "height"), integer(layer, "width")];
		const x = graph.cast(inputs[0], policy.compute);
		return resized(scope, croppedToRatio(scope, x, size), {
			interpolation: "bilinear",
			size: graph.ints(size),
		});
	},
};

/** Brightness, contrast … in training only (keras layers/preprocessing/image_preprocessing). */
const AUGMENTATIONS = [
	"RandomBrightness",
	"RandomContrast",
	"RandomFlip",
	"RandomHeight",
	"RandomWidth",
	"RandomRotation",
	"RandomTranslation",
	"RandomZoom",
	"RandomShear",
	"RandomHue",
	"RandomSaturation",
	"RandomSharpness",
	"RandomColorJitter",
	"RandomColorDegeneration",
	"RandomPosterization",
	"RandomPerspective",
	"RandomGaussianBlur",
	"RandomGrayscale",
	"RandomInvert",
	"RandomErasing",
	"RandomElasticTransform",
	"RandAugment",
	"AugMix",
	"MixUp",
	"CutMix",
];

export const PREPROCESSING_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Rescaling: rescaling,
	Normalization: normalization,
	Resizing: resizing,
	CenterCrop: centerCrop,
	RandomCrop: randomCrop,
	...Object.fromEntries(AUGMENTATIONS.map((name) => [name, identity])),
};
