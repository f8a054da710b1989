/**
 * What images are built on, by what serves in them. THE place of the digest: `npm run base` asks the registry for that of
 * the tag today. A digest names an index of all platforms.
 */
export const BASES = {
	mlship:
		"node:22-bookworm-slim@sha256:6c74791e557ce11fc957704f6d4fe134a7bc8d6f5ca4403205b2966bd488f6b3",
	tfs: "tensorflow/serving:2.19.1",
} as const;

export type RuntimeName = keyof typeof BASES;
