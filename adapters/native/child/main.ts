import { DESCRIPTOR } from '../protocol/descriptors.js';
import type { Enclosure } from '../protocol/enclosure.js';
import { ANSWER, OPENING } from '../protocol/frames.js';
import { RAW_OFFSET } from '../protocol/monotonic.js';
import { decodeOpening, type Opened, type Refusals } from '../protocol/opening.js';
import { confine, limitMemory } from './confine/confine.js';
import { Inbox, type Incoming } from './channel/inbox.js';
import { mapNote } from './channel/note.js';
import { type OpenLibrary, openLibrary } from './library/open-library.js';
import type { Runner } from './runner.js';
import { SocketOutgoing } from './channel/socket-outgoing.js';

/*
 * A child: starts with no library, is told which to load, then runs one call after the other on the main thread, with blocking reads and writes.
 * The event loop never turns again. It ends when the gateway closes its end.
 */
/** More mistakes than this in one library have one cause. */
const PROBLEMS_TOLD = 100;

const missing = confine(JSON.parse(process.argv[2] ?? '') as Enclosure);
const note = mapNote(DESCRIPTOR.note);
const inbox = new Inbox(DESCRIPTOR.calls);
const outgoing = new SocketOutgoing(DESCRIPTOR.answers);
const textOf = (call: Incoming): string => inbox.text(call);

const first = inbox.next();
if (first !== null) serve(first);
process.exit(0);

function serve(first: Incoming): void {
  if (first.function !== OPENING) throw new Error('the first frame is no opening');
  const libraries = open(inbox.bytes(first), first.sequence);
  if (libraries === null) return;
  const runners = new Map(libraries.flatMap((library) => [...library.runners]));
  for (let call = inbox.next(); call !== null; call = inbox.next()) {
    const { sequence } = call;
    if (!note.begin(sequence)) outgoing.postText(ANSWER.dropped, sequence, '');
    else if (performance.now() + RAW_OFFSET >= call.deadline) outgoing.postText(ANSWER.expired, sequence, '');
    else run(runners, call);
    note.finish(sequence);
  }
  for (const library of libraries) library.shutDown();
}

function run(runners: ReadonlyMap<number, Runner>, call: Incoming): void {
  const runner = runners.get(call.function);
  if (runner === undefined) throw new Error(`there is no function ${call.function}`);
  runner(call, textOf);
}

/** Loads every library and answers the opening; null when any was refused. */
function open(body: Buffer, sequence: number): readonly OpenLibrary[] | null {
  const { opening, bytes } = decodeOpening(body);
  if (opening.memory !== null) limitMemory(opening.memory);
  const opened: OpenLibrary[] = [];
  const refusals: Refusals[number][] = [];
  for (const [index, library] of opening.libraries.entries()) {
    const result = openLibrary(library, bytes[index] ?? null, outgoing);
    if ('runners' in result) opened.push(result);
    else refusals.push({ library: index, problems: result.slice(0, PROBLEMS_TOLD) });
  }
  if (refusals.length > 0) {
    for (const library of opened) library.shutDown();
    outgoing.postText(ANSWER.refused, sequence, JSON.stringify(refusals));
    return null;
  }
  outgoing.postText(ANSWER.ready, sequence, JSON.stringify({ missing } satisfies Opened));
  return opened;
}
