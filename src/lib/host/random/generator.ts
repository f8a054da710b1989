import { randomFillSync } from "node:crypto";
import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import type { HostRun } from "../kernel.js";
import { Philox } from "./philox.js";

/** TensorFlow's numbers of algorithms (rng_alg.h); its CPU kernels have Philox alone, and take it when they may choose. */
export const PHILOX = 1;
const AUTO_SELECT = 3;

/** A generator as words of 64 bits: the key, then the counter. */
export interface KeyAndCounter {
	readonly key: BigUint64Array;
	readonly counter: BigUint64Array;
}

/** The key and counter that a seed stands for: two numbers, scrambled, so that either may be weak (stateless_random_ops.cc). */
export function scrambledSeed(seed: Tensor): KeyAndCounter {
	if (seed.shape.length !== 1 || seed.shape[0] !== 2)
		throw fail(
			"INVALID",
			`cannot draw with a seed of shape ${showShape(seed.shape)}: [2] is wanted`,
		);
	const counter = BigUint64Array.from(
		seed.data as ArrayLike<number | bigint>,
		BigInt,
	);
	const [k0, k1, c2, c3] = new Philox(
		new Uint32Array(counter.buffer),
		[0x3ec8f720, 0x02461e29],
	).next();
	return {
		key: new BigUint64Array(Uint32Array.of(k0, k1).buffer),
		counter: new BigUint64Array(Uint32Array.of(0, 0, c2, c3).buffer),
	};
}

export function seededGenerator(seed: Tensor): Philox {
	return generatorAt(scrambledSeed(seed));
}

/** The generator that inputs `key`, `counter` and `alg` name. Fails with INVALID for an algorithm that is not Philox. */
export function namedGenerator(
	key: Tensor,
	counter: Tensor,
	algorithm: Tensor,
): Philox {
	const chosen = Number((algorithm.data as Int32Array | BigInt64Array)[0]);
	if (chosen !== PHILOX && chosen !== AUTO_SELECT)
		throw fail(
			"INVALID",
			`cannot draw with algorithm ${chosen}: 1 (Philox) is wanted`,
		);
	if (key.data.length !== 1 || counter.data.length < 2)
		throw fail(
			"INVALID",
			`cannot draw with a key of shape ${showShape(key.shape)} and a counter of shape ${showShape(counter.shape)}: [1] and [2] are wanted`,
		);
	return generatorAt({
		key: key.data as BigUint64Array,
		counter: counter.data as BigUint64Array,
	});
}

/** A state of TensorFlow's generator objects, [counter, counter, key], after `delta` numbers (stateful_random_ops.cc). */
export function skippedState(
	state: BigInt64Array,
	delta: bigint,
): BigInt64Array {
	const low = BigInt.asUintN(64, state[0]);
	const high = BigInt.asUintN(64, state[1]);
	// a number may take up to 256 blocks; the product wraps, as theirs does
	const counter = (high << 64n) + low + BigInt.asUintN(64, delta * 256n);
	const skipped = state.slice();
	skipped[0] = BigInt.asIntN(64, counter);
	skipped[1] = BigInt.asIntN(64, counter >> 64n);
	return skipped;
}

/**
 * A generator for so many blocks of this run: from the node's seeds, where it has any, as a session of TensorFlow would go
 * on from run to run (guarded_philox_random.cc), and from the system's randomness otherwise.
 */
export function sessionGenerator(
	node: Node,
	run: HostRun,
	blocks: number,
): Philox {
	const [seed, seed2] = [intAttr(node, "seed"), intAttr(node, "seed2")];
	if (seed === 0 && seed2 === 0) {
		const words = randomFillSync(new Uint32Array(6));
		return new Philox(words.subarray(0, 4), words.subarray(4));
	}
	const kept = run.resource(`random numbers of ${node.name}`, () =>
		generatorAt({
			key: BigUint64Array.of(BigInt(seed)),
			counter: BigUint64Array.of(0n, BigInt(seed2)),
		}),
	);
	const current = kept.copy();
	kept.skip(blocks);
	return current;
}

function generatorAt({ key, counter }: KeyAndCounter): Philox {
	return new Philox(wordsOf(counter, 2), wordsOf(key, 1));
}

/** The first words of 64 bits in words of 32, the lower first. */
function wordsOf(words: BigUint64Array, count: number): Uint32Array {
	return new Uint32Array(words.slice(0, count).buffer);
}
