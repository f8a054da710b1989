import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { TensorSliceProtoSchema } from "../../../src/gen/checkpoint_pb.js";
import {
	parseSliceSpec,
	regionOfSlice,
	sliceKey,
} from "../../../src/lib/savedmodel/slices.js";
import { bytes } from "../../bytes.js";

const slice = (
	...extent: MessageInitShape<typeof TensorSliceProtoSchema>["extent"] & object
) => create(TensorSliceProtoSchema, { extent });

test("sliceKey() is what TensorFlow keeps a slice under", () => {
	// EncodeTensorNameSlice("w", "2,3:-"): 0, the name, rank 2, then start and length each, -1 for a whole dimension
	expect(
		Uint8Array.from(sliceKey("w", slice({ start: 2n, length: 3n }, {}))),
	).toEqual(bytes`00 77 0001 0102 82 83 80 7f`);
});

test("regionOfSlice() fills in whole dimensions and refuses what does not fit", () => {
	const rows = slice({ start: 2n, length: 3n }, {});
	expect(regionOfSlice(rows, [5, 4])).toEqual([
		{ start: 2, length: 3 },
		{ start: 0, length: 4 },
	]);
	expect(regionOfSlice(rows, [4, 4])).toBeUndefined();
	expect(regionOfSlice(rows, [5])).toBeUndefined();
	expect(regionOfSlice(slice({ start: -1n, length: 1n }), [5])).toBeUndefined();
});

test.each([
	["", undefined],
	[
		"10 4 0,5:-",
		[
			{ start: 0, length: 5 },
			{ start: 0, length: 4 },
		],
	],
	["6 4,2", [{ start: 4, length: 2 }]],
	["6 4,3", undefined],
	["6 4 0,1", undefined],
	["nonsense", undefined],
	["3 x,y", undefined],
])("parseSliceSpec() reads %j", (text, expected) => {
	expect(parseSliceSpec(text)).toEqual(expected);
});
