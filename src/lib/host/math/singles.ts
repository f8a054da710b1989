import type { SingleRow } from "../elementwise.js";

// One loop each: a loop that all operations share calls a function for every number.

export const added: SingleRow = (out, at, length, a, i, stepA, b, j, stepB) => {
	for (let k = 0; k < length; k++)
		out[at + k] = a[i + k * stepA] + b[j + k * stepB];
};

export const subtracted: SingleRow = (
	...[out, at, length, a, i, stepA, b, j, stepB]
) => {
	for (let k = 0; k < length; k++)
		out[at + k] = a[i + k * stepA] - b[j + k * stepB];
};

export const multiplied: SingleRow = (
	...[out, at, length, a, i, stepA, b, j, stepB]
) => {
	for (let k = 0; k < length; k++)
		out[at + k] = a[i + k * stepA] * b[j + k * stepB];
};

export const divided: SingleRow = (
	...[out, at, length, a, i, stepA, b, j, stepB]
) => {
	for (let k = 0; k < length; k++)
		out[at + k] = a[i + k * stepA] / b[j + k * stepB];
};
