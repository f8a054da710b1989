/** ONNX 1.17: the newest opset that all of ONNX Runtime's releases since 1.20 accept. */
export const OPSET = 21;

/** The oldest opset that graphs are written in (ONNX 1.10): what our rows use is in it, or can be said in it. */
export const OLDEST_OPSET = 15;
