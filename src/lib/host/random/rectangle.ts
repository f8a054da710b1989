const { fround } = Math;

/** In pixels: corners of a part of an image. */
export interface Rectangle {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** Whether a crop shows so large a share of one of the objects; neither of them is less than a pixel. */
export function isSeen(
	crop: Rectangle,
	objects: readonly Rectangle[],
	covered: number,
): boolean {
	if (areaOf(crop) < 1) return false;
	return objects.some((object) => {
		const area = areaOf(object);
		if (area < 1) return false;
		const common = {
			left: Math.max(crop.left, object.left),
			top: Math.max(crop.top, object.top),
			right: Math.min(crop.right, object.right),
			bottom: Math.min(crop.bottom, object.bottom),
		};
		const isApart = common.left > common.right || common.top > common.bottom;
		return fround((isApart ? 0 : areaOf(common)) / area) >= covered;
	});
}

function areaOf({ left, top, right, bottom }: Rectangle): number {
	return fround((right - left) * (bottom - top));
}
