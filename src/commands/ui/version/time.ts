const UNITS: readonly (readonly [string, number])[] = [
	["d", 86_400],
	["h", 3_600],
	["min", 60],
	["s", 1],
];

/** `3 d`, `20 min`: the largest unit of which there is one. */
export function showAge(since: Date, now: Date): string {
	const seconds = Math.max(0, (now.getTime() - since.getTime()) / 1000);
	const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
	return `${Math.floor(seconds / length)} ${unit}`;
}

/** `2026-11-21 17:05` in the time of this machine; the text as it is where it is no time. */
export function showTime(text: string): string {
	const date = new Date(text);
	if (Number.isNaN(date.getTime())) return text;
	const two = (number: number) => String(number).padStart(2, "0");
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
