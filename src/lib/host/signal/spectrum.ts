import { fail } from "../../errors.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { normalizeAxis } from "../../ops/shapes.js";
import type { spectrumOps } from "../../ops/signal/spectrum.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import { integers } from "../array/integers.js";
import type { HostFamily, HostKernel } from "../kernel.js";
import {
	type Grid,
	gridOf,
	resizeAxis,
	tensorOfGrid,
	transformAxis,
} from "./grid.js";
import { linesOfSpectra, spectraOfLines } from "./real-lines.js";

/** The last axes of a tensor, outermost first. Fails with INVALID where there are fewer. */
function lastAxes({ shape }: Tensor, count: number): number[] {
	if (shape.length < count)
		throw fail(
			"INVALID",
			`cannot transform a tensor of shape ${showShape(shape)}: at least ${count} dimensions are wanted`,
		);
	return Array.from({ length: count }, (_, i) => shape.length - count + i);
}

/** Complex numbers along the last axes. */
function complex(rank: number, isInverse: boolean): HostKernel {
	return (_, [x]) => {
		const grid = lastAxes(x, rank).reduce(
			(current, axis) => transformAxis(current, axis, isInverse),
			gridOf(x),
		);
		return [tensorOfGrid(grid, x.dtype)];
	};
}

/** Real numbers along the last axes, as the first half of a spectrum that is symmetric along the last. */
function fromReal(rank: number): HostKernel {
	return (node, [x, lengths]) => {
		const sizes = wantedSizes(lengths, rank);
		const axes = lastAxes(x, rank);
		const grid = spectraOfLines(cut(gridOf(x), axes, sizes));
		return [
			tensorOfGrid(
				axes
					.slice(0, -1)
					.reduce((current, axis) => transformAxis(current, axis, false), grid),
				dtypeAttr(node, "Tcomplex"),
			),
		];
	};
}

/** Back from the half of a spectrum. */
function toReal(rank: number): HostKernel {
	return (node, [x, lengths]) => {
		const sizes = wantedSizes(lengths, rank);
		const axes = lastAxes(x, rank);
		const size = sizes[rank - 1];
		const half = size === 0 ? 0 : Math.floor(size / 2) + 1;
		const grid = axes
			.slice(0, -1)
			.reduce(
				(current, axis) => transformAxis(current, axis, true),
				cut(gridOf(x), axes, sizes.with(-1, half)),
			);
		return [tensorOfGrid(linesOfSpectra(grid, size), dtypeAttr(node, "Treal"))];
	};
}

function wantedSizes(lengths: Tensor, rank: number): number[] {
	const sizes = integers(lengths);
	if (sizes.length !== rank || sizes.some((size) => size < 0))
		throw fail(
			"INVALID",
			`cannot transform with lengths ${sizes.join(", ")}: ${rank} that are not negative are wanted`,
		);
	return sizes;
}

/** The first numbers along axes. Fails with INVALID where there are fewer (fft_ops.cc). */
function cut(
	grid: Grid,
	axes: readonly number[],
	sizes: readonly number[],
): Grid {
	return axes.reduce((current, axis, i) => {
		if (current.shape[axis] < sizes[i] && current.real.length > 0)
			throw fail(
				"INVALID",
				`cannot transform a tensor of shape ${showShape(grid.shape)}: dimension ${axis} has less than ${sizes[i]}`,
			);
		return resizeAxis(current, axis, sizes[i]);
	}, grid);
}

/** Along the axes in input 2, which are put last for the transform. */
function alongAxes(transformOf: (rank: number) => HostKernel): HostKernel {
	return (node, [x, lengths, axesTensor]) => {
		const rank = x.shape.length;
		const axes = integers(axesTensor).map((axis) => normalizeAxis(axis, rank));
		const rest = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
		const order = [...rest, ...axes];
		if (order.length !== rank)
			throw fail(
				"INVALID",
				`cannot transform along axes ${axes.join(", ")}: one is there twice`,
			);
		const results = transformOf(axes.length)(node, [
			transpose(x, order),
			lengths,
		]);
		const back = order.map((_, axis) => order.indexOf(axis));
		return results?.map((result) => transpose(result, back));
	};
}

/** As `complex`, of as many numbers along each axis as input 1 says. */
function complexCut(isInverse: boolean) {
	return (rank: number): HostKernel =>
		(node, [x, lengths]) => {
			const grid = cut(
				gridOf(x),
				lastAxes(x, rank),
				wantedSizes(lengths, rank),
			);
			return complex(rank, isInverse)(node, [tensorOfGrid(grid, x.dtype)]);
		};
}

export const spectrumKernels: HostFamily<typeof spectrumOps> = {
	FFT: complex(1, false),
	FFT2D: complex(2, false),
	FFT3D: complex(3, false),
	IFFT: complex(1, true),
	IFFT2D: complex(2, true),
	IFFT3D: complex(3, true),
	RFFT: fromReal(1),
	RFFT2D: fromReal(2),
	RFFT3D: fromReal(3),
	IRFFT: toReal(1),
	IRFFT2D: toReal(2),
	IRFFT3D: toReal(3),
	FFTND: alongAxes(complexCut(false)),
	IFFTND: alongAxes(complexCut(true)),
	RFFTND: alongAxes(fromReal),
	IRFFTND: alongAxes(toReal),
};
