import { fieldSize } from "../../formats/wire-writer.js";
import type { ClassScore } from "../examples/classify.js";
import type { Measured } from "./tensor-writer.js";

/** A ClassificationResult. */
export function measureClasses(
	rows: readonly (readonly ClassScore[])[],
): Measured {
	const sizes = rows.map((row) =>
		row.reduce((sum, item) => sum + fieldSize(classSize(item)), 0),
	);
	return {
		size: sizes.reduce((sum, size) => sum + fieldSize(size), 0),
		write: (writer) => {
			for (const [i, row] of rows.entries()) {
				writer.head(CLASSIFICATIONS, sizes[i]);
				for (const item of row) {
					writer.head(CLASSES, classSize(item));
					if (item.label.length > 0) writer.bytesField(LABEL, item.label);
					if (!isDefault(item.score)) writer.floatField(SCORE, item.score);
				}
			}
		},
	};
}

/** A RegressionResult. */
export function measureValues(values: Float32Array): Measured {
	let size = 0;
	for (const value of values) size += fieldSize(floatSize(value));
	return {
		size,
		write: (writer) => {
			for (const value of values) {
				writer.head(REGRESSIONS, floatSize(value));
				if (!isDefault(value)) writer.floatField(VALUE, value);
			}
		},
	};
}

const CLASSIFICATIONS = 1;
const CLASSES = 1;
const LABEL = 1;
const SCORE = 2;
const REGRESSIONS = 1;
const VALUE = 1;

function classSize({ label, score }: ClassScore): number {
	return (label.length === 0 ? 0 : fieldSize(label.length)) + floatSize(score);
}

/** Zero is what a field that is not there means. */
function floatSize(value: number): number {
	return isDefault(value) ? 0 : 5;
}

function isDefault(value: number): boolean {
	return Object.is(value, 0);
}
