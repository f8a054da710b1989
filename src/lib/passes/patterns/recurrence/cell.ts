import type { ValueName } from "../../../graph/ir.js";
import type { Tensor } from "../../../tensor/tensor.js";

/** The weights of one gate: of the input [features, units], of the state [units, units], and what is added, [units]. */
export interface Gate {
	readonly input: Tensor;
	readonly state: Tensor;
	readonly inputBias: Tensor;
	readonly stateBias: Tensor;
}

/** A function of numbers that a cell applies, by TensorFlow's name; a hard sigmoid is steeper in Keras 2, by 1/5 instead of 1/6. */
export type Activation =
	| "Sigmoid"
	| "Tanh"
	| "Relu"
	| "Elu"
	| "Softsign"
	| "Softplus"
	| "HardSigmoid"
	| "SteepHardSigmoid";

/** The value that an activation is applied to. */
export interface Activated {
	readonly source: ValueName;
	readonly activation: Activation;
}

/** What a recurrent layer computes in one step. */
export type Cell =
	| {
			readonly kind: "simple";
			readonly gates: { readonly state: Gate };
			readonly activation: Activation;
	  }
	| {
			readonly kind: "gru";
			readonly gates: Readonly<Record<"update" | "reset" | "state", Gate>>;
			/** Whether the reset gate applies behind the state's weights (Keras `reset_after`) or before. */
			readonly resetsAfter: boolean;
			readonly gateActivation: Activation;
			readonly activation: Activation;
	  }
	| {
			readonly kind: "lstm";
			readonly gates: Readonly<
				Record<"input" | "output" | "forget" | "state", Gate>
			>;
			readonly gateActivation: Activation;
			readonly activation: Activation;
			/** Applied to the memory before the output gate. */
			readonly outputActivation: Activation;
	  };

/** A cell that was found, and the value of the body that holds the whole sequence. */
export interface FoundCell {
	readonly cell: Cell;
	readonly sequence: ValueName;
}
