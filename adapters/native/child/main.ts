import type { Problem } from '../../../src/domain/backend.js';
import { DESCRIPTOR } from '../protocol/descriptors.js';
import { ANSWER, OPENING } from '../protocol/frames.js';
import { RAW_OFFSET } from '../protocol/monotonic.js';
import type { Opening } from '../protocol/opening.js';
import { confine, limitMemory } from './confine.js';
import { bindFunctions } from './functions.js';
import { Inbox, type Incoming } from './inbox.js';
import { loadLibrary } from './library.js';
import { Mistake } from './mistakes.js';
import { mapNote } from './note.js';
import { Outgoing } from './outgoing.js';
import type { Runner } from './runner.js';

/*
 * A child: loads one library, then runs one call after the other on the main thread, with blocking reads and writes.
 * The event loop never turns again. It ends when the gateway closes its end.
 */
/** More than this many mistakes have one cause. */
const PROBLEMS_TOLD = 100;

confine();
const note = mapNote(DESCRIPTOR.note);
const inbox = new Inbox(DESCRIPTOR.calls);
const outgoing = new Outgoing(DESCRIPTOR.answers);
const textOf = (call: Incoming): string => inbox.text(call);

const first = inbox.next();
if (first !== null) serve(first);
process.exit(0);

function serve(first: Incoming): void {
  if (first.function !== OPENING) throw new Error('the first frame is no opening');
  const runners = open(JSON.parse(inbox.text(first)) as Opening, first.sequence);
  if (runners === null) return;
  for (let call = inbox.next(); call !== null; call = inbox.next()) {
    const { sequence } = call;
    if (!note.begin(sequence)) outgoing.postText(ANSWER.dropped, sequence, '');
    else if (performance.now() + RAW_OFFSET >= call.deadline) outgoing.postText(ANSWER.expired, sequence, '');
    else run(runners, call);
    note.finish(sequence);
  }
}

function run(runners: readonly Runner[], call: Incoming): void {
  const runner = runners[call.function];
  if (runner === undefined) throw new Error(`there is no function ${call.function}`);
  runner(call, textOf);
}

function open(opening: Opening, sequence: number): readonly Runner[] | null {
  const problems: Problem[] = [];
  const runners = load(opening, problems);
  const refused = problems.length > 0;
  outgoing.postText(
    refused ? ANSWER.refused : ANSWER.ready,
    sequence,
    refused ? JSON.stringify(problems.slice(0, PROBLEMS_TOLD)) : '',
  );
  return refused ? null : runners;
}

function load(opening: Opening, problems: Problem[]): readonly Runner[] {
  if (opening.memory !== null) limitMemory(opening.memory);
  try {
    const library = loadLibrary(opening.library.path, opening.library.sha256);
    return bindFunctions(opening, library, outgoing, problems);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    problems.push(error.problem);
    return [];
  }
}
