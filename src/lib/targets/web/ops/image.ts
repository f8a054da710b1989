import { floatAttr, stringAttr } from "../../../graph/attrs.js";
import type { imageOps } from "../../../ops/image.js";
import { float, text } from "../attrs.js";
import type { WebTable } from "../lowering.js";
import { suppressionV4, suppressionV5 } from "./boxes.js";
import { bools, same, withAttrs } from "./rows.js";

const resize = withAttrs(bools("align_corners", "half_pixel_centers"));

export const imageRows: WebTable<typeof imageOps> = {
	ResizeBilinear: resize,
	ResizeNearestNeighbor: resize,
	NonMaxSuppressionV2: same(),
	NonMaxSuppressionV3: same(),
	NonMaxSuppressionV4: suppressionV4,
	NonMaxSuppressionV5: suppressionV5,
	CropAndResize: withAttrs((node) => ({
		method: text(stringAttr(node, "method")),
		extrapolation_value: float(floatAttr(node, "extrapolation_value")),
	})),
};
