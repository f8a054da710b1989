/** A GraphDef as protobuf's JSON has it, the fields that TensorFlow.js reads: `modelTopology` of a model.json. */
export interface Topology {
	readonly node: readonly WebNode[];
	readonly library: { readonly function: readonly WebFunction[] };
	readonly versions: { readonly producer: number };
}

export interface WebNode {
	readonly name: string;
	readonly op: string;
	/** `node` or `node:1`. */
	readonly input?: readonly string[];
	readonly attr: WebAttrs;
}

export type WebAttrs = Readonly<Record<string, WebAttr>>;

/** An AttrValue. Bytes are base64, 64-bit integers text. */
export interface WebAttr {
	readonly s?: string;
	readonly i?: string;
	readonly f?: number;
	readonly b?: boolean;
	readonly type?: string;
	readonly shape?: WebShape;
	readonly func?: { readonly name: string };
	readonly list?: WebList;
}

export interface WebList {
	readonly s?: readonly string[];
	readonly i?: readonly string[];
}

export interface WebShape {
	readonly unknownRank?: true;
	readonly dim?: readonly { readonly size: string }[];
}

/** A body of control flow. */
export interface WebFunction {
	readonly signature: {
		readonly name: string;
		readonly inputArg: readonly WebArg[];
		readonly outputArg: readonly WebArg[];
	};
	readonly nodeDef: readonly WebNode[];
	/** From an output to the node that makes it. */
	readonly ret: Readonly<Record<string, string>>;
}

export interface WebArg {
	readonly name: string;
	readonly type: string;
}

/** What callers see: names of tensors by names of inputs and outputs. */
export interface WebSignature {
	readonly inputs: Readonly<Record<string, WebTensorInfo>>;
	readonly outputs: Readonly<Record<string, WebTensorInfo>>;
}

export interface WebTensorInfo {
	/** `x:0`. */
	readonly name: string;
	readonly dtype: string;
	readonly tensorShape: WebShape;
}
