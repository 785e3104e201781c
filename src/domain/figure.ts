const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** Three significant digits, of whole numbers all, in groups: 0.0947, 12.5, 5,315. */
export function figure(value: number): string {
  return (Number.isInteger(value) || Math.abs(value) >= 100 ? WHOLE : SHORT).format(value);
}

export function percent(value: number): string {
  return `${figure(value)} %`;
}

/** 1 call, 1,200 calls. */
export function amount(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}
