interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What stands directly in it. */
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The elements of a document in the order of their beginnings; throws unless it is well-formed XML 1.0 (without DTD, CDATA, comments). */
export function readXml(document: string): readonly Element[] {
  // eslint-disable-next-line no-control-regex -- these are what no document may hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(document))
    throw new Error('an impossible character');
  const elements: Element[] = [];
  const open: Element[] = [];
  const [, body = ''] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n([^]*)$/.exec(document) ?? [];
  let at = 0;
  for (const tag of body.matchAll(/<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g)) {
    addText(body.slice(at, tag.index));
    at = tag.index + tag[0].length;
    const [, closing, name = '', written = '', empty] = tag;
    if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    const attributes = [...written.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
      key,
      decoded(value),
    ]);
    const element: Element = { name, attributes: Object.fromEntries(attributes) as Record<string, string>, text: '' };
    elements.push(element);
    if (empty !== '/') open.push(element);
  }
  addText(body.slice(at));
  if (open.length > 0 || elements.length === 0) throw new Error('an element is not closed, or there is none');
  return elements;

  function addText(text: string): void {
    if (text.includes('<') || text.includes(']]>')) throw new Error(`a loose < or ]]> in ${text}`);
    const element = open.at(-1);
    if (element !== undefined) element.text += decoded(text);
    else if (text.trim() !== '') throw new Error('text outside of the document element');
  }
}

function decoded(text: string): string {
  return text.replace(/&(#\d+|\w+)?(;?)/g, (all, name: string | undefined, end: string) => {
    const plain = name?.startsWith('#') === true ? String.fromCodePoint(Number(name.slice(1))) : ENTITIES[name ?? ''];
    if (plain === undefined || end !== ';') throw new Error(`${all} is no entity`);
    return plain;
  });
}
