/** Ops that make an element of one of each input, with broadcasting. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([
	...[
		"Identity",
		"StopGradient",
		"PreventGradient",
		"Snapshot",
		"CheckNumerics",
	],
	...["Cast", "ZerosLike", "OnesLike", "PlaceholderWithDefault"],
	...["Abs", "Neg", "Sign", "Square", "Reciprocal", "Inv", "Sqrt", "Rsqrt"],
	...["Exp", "Expm1", "Log", "Log1p", "Floor", "Ceil", "Round", "Rint"],
	...["Sin", "Cos", "Tan", "Asin", "Acos", "Atan"],
	...["Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh"],
	...["Sigmoid", "Erf", "Erfc", "Erfinv", "Ndtri", "Lgamma", "Digamma"],
	...["IsNan", "IsInf", "IsFinite", "LogicalNot", "Invert"],
	...["Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus", "Softsign"],
	...["Add", "AddV2", "AddN", "Sub", "Mul", "MulNoNan", "Div", "RealDiv"],
	...["DivNoNan", "FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod", "Mod"],
	...["Maximum", "Minimum", "Pow", "SquaredDifference", "Atan2"],
	...["Xdivy", "Xlogy", "Xlog1py", "BitwiseAnd", "BitwiseOr", "BitwiseXor"],
	...["LeftShift", "RightShift", "Equal", "NotEqual", "Less", "LessEqual"],
	...[
		"Greater",
		"GreaterEqual",
		"LogicalAnd",
		"LogicalOr",
		"Select",
		"SelectV2",
	],
	...["AsString", "StringJoin", "StringLower", "StringUpper", "StringStrip"],
	...["StringLength", "StringToNumber", "StringToHashBucketFast"],
	...["StringToHashBucketStrong", "StaticRegexReplace", "StaticRegexFullMatch"],
	...["EncodeBase64", "DecodeBase64", "Bucketize"],
]);

/** Ops that take the rows of their first input one by one, whatever their attributes are. */
export const FIRST_INPUT: ReadonlySet<string> = new Set([
	...["Conv2D", "Conv3D", "DepthwiseConv2dNative", "BiasAdd"],
	...["MaxPool", "MaxPool3D", "AvgPool", "AvgPool3D", "LRN"],
	...["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"],
	...["SpaceToDepth", "DepthToSpace", "ClipByValue"],
	...["FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars"],
	...["RegexReplace", "RegexFullMatch"],
]);

/** What a loader makes of nothing: tables do not change while requests run side by side. */
export const TABLES: ReadonlySet<string> = new Set([
	"HashTable",
	"HashTableV2",
]);

/** Ops of which only the first output has rows. */
export const FIRST_OUTPUT: ReadonlySet<string> = new Set([
	"FusedBatchNorm",
	"FusedBatchNormV2",
	"FusedBatchNormV3",
]);
