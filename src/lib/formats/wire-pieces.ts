import { LENGTH_DELIMITED } from "./wire.js";

/** Bytes of a message, or bytes that are made when they are written: a message of gigabytes is never in memory at once. */
export type Piece =
	| Uint8Array
	| { readonly byteLength: number; read(): Uint8Array };

/** A field whose value is the pieces one after the other, its length before them. */
export function field<P extends Piece>(
	number: number,
	pieces: readonly P[],
): (P | Uint8Array)[] {
	return [
		Uint8Array.from([
			...varint(BigInt((number << 3) | LENGTH_DELIMITED)),
			...varint(BigInt(sizeOf(pieces))),
		]),
		...pieces,
	];
}

/** A field whose value is a whole number from 0. */
export function varintField(number: number, value: number): Piece[] {
	return [
		Uint8Array.from([...varint(BigInt(number << 3)), ...varint(BigInt(value))]),
	];
}

export function sizeOf(pieces: readonly Piece[]): number {
	return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}

/** A whole number from 0 in seven bits a byte. */
export function varint(value: bigint): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
	return [...bytes, Number(rest)];
}
