/** What a unit of Kubernetes' quantities multiplies (apimachinery, pkg/api/resource). */
const SUFFIXES: Readonly<Record<string, number>> = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	"": 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
	Pi: 2 ** 50,
	Ei: 2 ** 60,
};

/** `500m`, `16Gi` or `1e3` as a number; NaN for what is no quantity. */
export function parseQuantity(text: string): number {
	const [, digits, suffix] =
		/^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]?i?)$/.exec(text) ?? [];
	return Number(digits) * (SUFFIXES[suffix ?? "-"] ?? Number.NaN);
}
