import { DTYPES } from "../../lib/tensor/dtype.js";
import { bfloat16ToNumber, float16ToNumber } from "../../lib/tensor/half.js";
import type { Tensor } from "../../lib/tensor/tensor.js";

/** The elements of a tensor in nested brackets, one line each innermost list; long lists are shown by their ends. */
export function showTensor(tensor: Tensor): string[] {
	return showPart(tensor, 0, 0).split("\n");
}

/** How many items a long list shows at either end: fewer, the more lists are in one another. */
function endsOf(rank: number): number {
	return Math.max(1, 6 - rank);
}

function showPart(tensor: Tensor, axis: number, index: number): string {
	const { shape } = tensor;
	if (axis === shape.length) return showElement(tensor, index);
	const size = shape[axis];
	const ends = endsOf(shape.length);
	const isInner = axis === shape.length - 1;
	const part = (i: number) => showPart(tensor, axis + 1, index * size + i);
	const places = Array.from({ length: size > 2 * ends ? ends : size });
	const head = places.map((_, i) => part(i));
	const parts =
		size > 2 * ends
			? [...head, "…", ...places.map((_, i) => part(size - ends + i))]
			: head;
	return isInner
		? `[${parts.join(", ")}]`
		: `[${parts.map((text) => text.replaceAll("\n", "\n ")).join(",\n ")}]`;
}

function showElement({ dtype, data }: Tensor, index: number): string {
	const { kind } = DTYPES[dtype];
	if (kind === "complex") {
		const [re, im] = [data[2 * index], data[2 * index + 1]] as number[];
		return `${showNumber(re)}${im < 0 ? "" : "+"}${showNumber(im)}j`;
	}
	const element = data[index];
	if (typeof element === "object") return showString(element);
	if (kind === "bool") return element === 0 ? "false" : "true";
	if (kind === "float") return showNumber(Number(element));
	if (kind === "half")
		return showNumber(
			(dtype === "float16" ? float16ToNumber : bfloat16ToNumber)(
				Number(element),
			),
		);
	return String(element);
}

function showNumber(value: number): string {
	return String(Number(value.toPrecision(5)));
}

const MAX_TEXT = 60;

/** As JSON; of a long one its beginning, of bytes that are no text their number. */
function showString(bytes: Uint8Array): string {
	const text = Buffer.from(bytes).toString();
	if (text.includes("\uFFFD")) return `<${bytes.length} bytes>`;
	return JSON.stringify(
		text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text,
	);
}
