const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value: number): string {
	return whole.format(value);
}

/** Three digits or so, whatever the size. */
export function short(value: number): string {
	if (!Number.isFinite(value)) return "–";
	if (value === 0) return "0";
	if (Math.abs(value) >= 100) return whole.format(value);
	return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export function ms(value: number): string {
	return Number.isFinite(value) ? `${short(value)} ms` : "–";
}

export function bytes(value: number): string {
	if (value < 1024) return `${count(value)} B`;
	if (value < 1024 ** 2) return `${short(value / 1024)} KiB`;
	if (value < 1024 ** 3) return `${short(value / 1024 ** 2)} MiB`;
	return `${short(value / 1024 ** 3)} GiB`;
}

export function percent(share: number): string {
	const value = share * 100;
	return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function duration(seconds: number): string {
	if (seconds < 60) return `${Math.floor(seconds)} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
	if (seconds < 86_400) return `${(seconds / 3600).toFixed(1)} h`;
	return `${(seconds / 86_400).toFixed(1)} d`;
}
