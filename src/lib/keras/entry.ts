import type { Constant } from "../tensor/constant.js";
import type { GraphBuilder, Value } from "./graph/builder.js";
import type { Json } from "./json.js";
import type { Layer } from "./model.js";
import type { Policy } from "./settings.js";

/** A tensor between layers, with the mask that Keras sends along. */
export interface Flow extends Value {
	/** True where an element of the first axes counts. */
	readonly mask?: Value;
}

/** What a layer is called with, its tensors being there. */
export type Actual =
	| { readonly kind: "tensor"; readonly flow: Flow }
	| { readonly kind: "value"; readonly value: Json }
	| { readonly kind: "list"; readonly items: readonly Actual[] }
	| {
			readonly kind: "map";
			readonly entries: Readonly<Record<string, Actual>>;
	  };

export interface ActualCall {
	readonly args: readonly Actual[];
	readonly kwargs: Readonly<Record<string, Actual>>;
}

/** What an entry of the layer table is given: one call of one layer. */
export interface LayerScope {
	readonly layer: Layer;
	readonly graph: GraphBuilder;
	readonly policy: Policy;
	/** The tensors of the first argument, floats cast to the type that the layer computes in. */
	readonly inputs: readonly Flow[];
	readonly call: ActualCall;
	/**
	 * A weight in the type that the layer computes in. Fails with INVALID where the file has it in another shape (-1 for any
	 * length), or not at all.
	 */
	weight(name: string, shape: readonly number[]): Value;
	/** The same as it is stored, to be changed before it is written. */
	stored(name: string, shape: readonly number[]): Constant;
	/** A changed weight, under the name of the layer. */
	written(constant: Constant, name: string): Value;
	/** What is made once for all calls of the layer. */
	once(name: string, make: () => Value): Value;
	/** Calls a layer that this one holds. */
	run(child: Layer, inputs: readonly Flow[]): readonly Flow[];
	/** The same layer's weights, graph and names with other inputs. */
	on(inputs: readonly Flow[]): LayerScope;
	/** The scope of a layer that this one holds. */
	inside(child: Layer, inputs: readonly Flow[]): LayerScope;
}

/** A variable that a layer creates. */
export interface WeightName {
	readonly name: string;
	/** In a `.keras` file, below the layer; `vars/0`, `vars/1` … in order if it is not said. */
	readonly path?: string;
	/** False for statistics, which `.h5` files keep after what is trained. */
	readonly trainable?: false;
	/** A text file among the assets of a `.keras` file, a line an element; other formats do not have it. */
	readonly asset?: true;
}

/** A layer inside of a layer, and the attribute that a `.keras` file keeps it under. */
export interface HeldLayer {
	readonly path: string;
	readonly layer: Layer;
}

/** THE description of a class of layers: one entry a class. */
export interface LayerEntry {
	/** In the order in which Keras creates them. */
	readonly weights?: (layer: Layer) => readonly WeightName[];
	/** In the order in which their weights follow. */
	readonly holds?: (layer: Layer) => readonly HeldLayer[];
	/**
	 * What becomes of the mask of the first input: it goes on, it ends here, or the entry makes it with its output. Keras:
	 * `supports_masking` and `compute_mask`.
	 */
	readonly mask: "passes" | "ends" | "made";
	/** Inputs stay of their types, floats too. */
	readonly asGiven?: true;
	/** Whole numbers stay so, where a layer with weights would compute with them. */
	readonly takesIntegers?: true;
	/** Adds the layer's operations in inference, and returns its outputs. */
	readonly emit: (scope: LayerScope) => Flow | readonly Flow[];
}
