/** Three significant digits, as people write them: 0.0947, 12.5, 104. */
export function figure(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100
    ? value.toLocaleString('en-US', { maximumFractionDigits: 0 })
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

export function percent(value: number): string {
  return `${figure(value)} %`;
}

/** 1 call, 1,200 calls. */
export function amount(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}
