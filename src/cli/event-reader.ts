/** One server-sent event: what it says of itself, and its data. */
export interface ServerSent {
  readonly event: string;
  readonly data: string;
}

/** Where a stream is to go on, by what it has said so far. */
export interface Place {
  lastEventId: string | null;
  retryMs: number;
}

/** More than any event has: what never ends a line is no stream of events. Characters. */
const LINE_LIMIT = 4 * 1024 * 1024;

/** The events of a stream (WHATWG HTML, "Server-sent events"), noting in `place` what the stream says for the next one. */
export async function* readEvents(stream: AsyncIterable<Uint8Array>, place: Place): AsyncGenerator<ServerSent> {
  let event = 'message';
  let data: string[] = [];
  let id = place.lastEventId;
  for await (const line of linesOf(stream)) {
    if (line === '') {
      // Not before: an event that was cut off in its middle is to come again.
      place.lastEventId = id;
      if (data.length > 0) yield { event, data: data.join('\n') };
      event = 'message';
      data = [];
      continue;
    }
    const { name, value } = fieldOf(line);
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
    else if (name === 'retry' && /^\d{1,6}$/.test(value)) place.retryMs = Number(value);
  }
}

/** A comment begins with a colon: its field has no name. */
function fieldOf(line: string): { readonly name: string; readonly value: string } {
  const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) ?? [];
  return { name, value };
}

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    const parts = (text + decoder.decode(chunk, { stream: true })).split(/\r\n|\n/);
    text = parts.pop() ?? '';
    if (text.length > LINE_LIMIT) throw new Error('the stream has a line without an end');
    yield* parts;
  }
}
