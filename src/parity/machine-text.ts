/** A value as JSON for machines, on one line without control characters: those of JSON's own are escapes, so are DEL and C1. */
export function machineText(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
