import { unzipSync, zipSync } from "fflate";
import { fail } from "../errors.js";
import { readNpy, writeNpy } from "./npy.js";
import type { Tensor } from "./tensor.js";

/** No array file is larger once unpacked: a guard against archives that grow a thousandfold. */
const MAX_UNPACKED_BYTES = 2 ** 32;

/** Reads a zip of npy files (numpy.savez), stored or deflated, by their names without ".npy". Fails with CORRUPT. */
export function readNpz(bytes: Uint8Array): Readonly<Record<string, Tensor>> {
	const entries = Object.entries(unzipped(bytes)).filter(([name]) =>
		name.endsWith(".npy"),
	);
	return Object.fromEntries(
		entries.map(([name, content]) => [
			name.replace(/\.npy$/, ""),
			readNpy(content),
		]),
	);
}

/** Writes what numpy.load reads; numbers rarely shrink, so they are stored as they are. */
export function writeNpz(
	tensors: Readonly<Record<string, Tensor>>,
): Uint8Array {
	const entries = Object.entries(tensors).map(
		([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const,
	);
	return zipSync(Object.fromEntries(entries), { level: 0 });
}

function unzipped(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
	let total = 0;
	const isWelcome = ({ originalSize }: { readonly originalSize: number }) => {
		total += originalSize;
		if (total > MAX_UNPACKED_BYTES)
			throw fail(
				"CORRUPT",
				`cannot read the npz file: it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`,
			);
		return true;
	};
	try {
		return unzipSync(bytes, { filter: isWelcome });
	} catch (cause) {
		throw fail(
			"CORRUPT",
			`cannot read the npz file: ${cause instanceof Error ? cause.message : "it is no zip archive"}`,
			{ cause },
		);
	}
}
