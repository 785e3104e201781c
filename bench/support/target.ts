/** A figure that a bench is held to. */
export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

export function verdict(measured: number, { bound, value }: Target): 'met' | 'not met' {
  const met = bound === 'at least' ? measured >= value : measured <= value;
  return met ? 'met' : 'not met';
}

export function targetText({ bound, value }: Target): string {
  return `${bound === 'at least' ? '≥' : '≤'} ${value}`;
}
