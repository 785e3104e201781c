/** A longer copy of a table's column; the new cells are 0. */
export function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(column);
  return copy;
}
