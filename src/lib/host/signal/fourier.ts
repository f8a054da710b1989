/** A transform in place: `real` and `imaginary` hold as many numbers as it was made for. Nothing is scaled. */
export type Transform = (real: Float64Array, imaginary: Float64Array) => void;

const MADE = new Map<number, Transform>();
/** A transform keeps a few tables of its length; models use few lengths. */
const MOST_KEPT = 32;

/**
 * The discrete Fourier transform of a length, e^(−2πi jk / length). The inverse is the same with the arrays exchanged.
 * Powers of two by Cooley and Tukey; other lengths as a convolution of such (Bluestein, 1970).
 */
export function fourierTransform(length: number): Transform {
	const known = MADE.get(length);
	if (known !== undefined) return known;
	if (MADE.size >= MOST_KEPT) MADE.clear();
	const made =
		length < 2
			? () => {}
			: Number.isInteger(Math.log2(length))
				? halving(length)
				: convolving(length);
	MADE.set(length, made);
	return made;
}

function halving(length: number): Transform {
	const order = reversedBits(length);
	const half = length / 2;
	const [cosines, sines] = [new Float64Array(half), new Float64Array(half)];
	for (let k = 0; k < half; k++) {
		cosines[k] = Math.cos((2 * Math.PI * k) / length);
		sines[k] = -Math.sin((2 * Math.PI * k) / length);
	}
	return (real, imaginary) => {
		for (let i = 0; i < length; i++) {
			const j = order[i];
			if (j <= i) continue;
			[real[i], real[j]] = [real[j], real[i]];
			[imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
		}
		for (let size = 1; size < length; size *= 2) {
			const stride = half / size;
			for (let start = 0; start < length; start += 2 * size)
				for (let k = 0; k < size; k++) {
					const [c, s] = [cosines[k * stride], sines[k * stride]];
					const i = start + k;
					const j = i + size;
					const a = real[j] * c - imaginary[j] * s;
					const b = real[j] * s + imaginary[j] * c;
					real[j] = real[i] - a;
					imaginary[j] = imaginary[i] - b;
					real[i] += a;
					imaginary[i] += b;
				}
		}
	};
}

function reversedBits(length: number): Uint32Array {
	const order = new Uint32Array(length);
	for (let i = 1; i < length; i++)
		order[i] = (order[i >> 1] >> 1) | (i & 1 ? length >> 1 : 0);
	return order;
}

function convolving(length: number): Transform {
	const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
	const transform = fourierTransform(size);
	const [cosines, sines] = [new Float64Array(length), new Float64Array(length)];
	for (let k = 0; k < length; k++) {
		// k² modulo 2 · length, so that the angle stays exact
		const angle = (Math.PI * ((k * k) % (2 * length))) / length;
		cosines[k] = Math.cos(angle);
		sines[k] = Math.sin(angle);
	}
	const [filterA, filterB] = [new Float64Array(size), new Float64Array(size)];
	for (let k = 0; k < length; k++)
		for (const place of [k, (size - k) % size]) {
			filterA[place] = cosines[k];
			filterB[place] = sines[k];
		}
	transform(filterA, filterB);
	const [a, b] = [new Float64Array(size), new Float64Array(size)];
	return (real, imaginary) => {
		a.fill(0, length);
		b.fill(0, length);
		for (let k = 0; k < length; k++) {
			a[k] = real[k] * cosines[k] + imaginary[k] * sines[k];
			b[k] = imaginary[k] * cosines[k] - real[k] * sines[k];
		}
		transform(a, b);
		for (let k = 0; k < size; k++) {
			const value = a[k] * filterA[k] - b[k] * filterB[k];
			b[k] = a[k] * filterB[k] + b[k] * filterA[k];
			a[k] = value;
		}
		transform(b, a);
		for (let k = 0; k < length; k++) {
			const [x, y] = [a[k] / size, b[k] / size];
			real[k] = x * cosines[k] + y * sines[k];
			imaginary[k] = y * cosines[k] - x * sines[k];
		}
	};
}
