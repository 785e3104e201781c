/** A place in a document, as a way from another one: deep documents have long ways, which are not copied. */
export interface Place {
  readonly from: Place | null;
  readonly path: readonly (string | number)[];
}

/** Characters of a pointer: what lies deeper is told of at the deepest place whose pointer is not longer. */
const LONGEST = 1_024;

export function extend(from: Place | null, path: readonly (string | number)[]): Place {
  return { from, path };
}

/** The JSON pointer (RFC 6901) to a place. */
export function pointerTo(place: Place): string {
  const ways: Place[] = [];
  for (let here: Place | null = place; here !== null; here = here.from) ways.push(here);
  let pointer = '';
  for (const { path } of ways.reverse()) {
    for (const part of path) {
      const next = `${pointer}/${typeof part === 'number' ? part : part.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (next.length > LONGEST) return pointer;
      pointer = next;
    }
  }
  return pointer;
}
