/** Where a reader does otherwise than TensorFlow, and no file can keep it from that. */
const KNOWN = [
	{
		target: "web",
		jobs: /zoo_integer_math\/1:signed_division$/,
		reason: "doubles are computed as float32, which convert tells",
	},
	{
		target: "web",
		jobs: /zoo_rows\/1:padded$/,
		reason: "TensorFlow.js stacks no empty list",
	},
	{
		target: "lite",
		jobs: /zoo_elementwise\/1:(sin|cos|tan)$/,
		reason: "XNNPACK approximates them to three digits",
	},
	{
		target: "lite",
		jobs: /zoo_elementwise\/1:rsqrt$/,
		reason: "XNNPACK divides by the root of 0 and gets no number",
	},
	{
		target: "lite",
		jobs: /zoo_precision\/1:digits_float64$/,
		reason: "it asks for numbers beyond those of float32",
	},
	{
		target: "lite",
		jobs: /zoo_rows\/1:products$|zoo_slice\/1:nothing$/,
		reason: "XNNPACK takes no empty tensors",
	},
	{
		target: "onnx",
		jobs: /\/dtypes\/1:same_string$/,
		reason: "strings are text in Python, and these bytes are none",
	},
];

/** Why a result of a target is not read right; undefined where nobody knows. */
export function knownReason(target, id) {
	return KNOWN.find((row) => row.target === target && row.jobs.test(id))
		?.reason;
}
