import type { Ended } from '../domain/comparison.js';
import { isDifferent, type Tried } from './pair.js';
import { asText, anyBytes } from './byte-source.js';
import { mutateBytes } from './byte-mutations.js';
import type { Draws } from './draws.js';
import { isNumber, isObject, type Json, valuesIn } from './json.js';
import { parseJson } from './json-parse.js';
import { jsonText } from './json-text.js';
import { mutateJson, withNamed, withOtherValues } from './json-mutations.js';
import type { Source, Takes } from './source.js';
import { wordsIn } from './words.js';

/** Inputs to begin with, and what the function takes. */
interface MutatingOptions {
  readonly name: string;
  readonly inputs: readonly Uint8Array[];
  readonly takes: Takes;
  /** Words that may be names of members. */
  readonly words: readonly string[];
  /** Bytes that an input has at most. */
  readonly longest: number;
}

interface Known {
  readonly input: Uint8Array;
  /** Where it is to be changed as a document. */
  readonly document: Json | undefined;
  /** What was said of it: where something is missing, that is named. */
  readonly words: readonly string[];
}

/** Ways to end that are remembered, and the inputs that led to them; as many again that were answered. */
const MOST_LEARNT = 256;
/** Of those learnt, the latest lead on. */
const LATEST = 8;
const MOST_NAMES = 1_000;

/**
 * Changes inputs: those of a corpus, or from nothing. Where an input makes a side end in a way that is new, it is kept
 * and changed further, with the words that the side said: so `{}` becomes a document that has all it needs.
 */
export function mutatingSource({ name, inputs, takes, words, longest }: MutatingOptions): Source {
  const known: Known[] = inputs.map((input) => knownAs(input, []));
  const learnt: Known[] = [];
  /** Those of them to which both sides had an answer: there is most to be found beside them. */
  const answered: Known[] = [];
  const ways = new Set<string>();
  /** Names that a function knows: of members that it took, or complained of. */
  const proven = new Set(namesIn(known.map(({ document }) => document)));
  let names = [...new Set([...proven, ...words])].slice(0, MOST_NAMES);

  function learnNames({ document, words: said }: Known, isAnswered: boolean): void {
    for (const member of namesIn([document])) if (isAnswered || said.includes(member)) proven.add(member);
    names = [...new Set([...proven, ...said, ...names])].slice(0, MOST_NAMES);
  }

  function knownAs(input: Uint8Array, said: readonly string[]): Known {
    const document = takes === 'json' ? parseJson(Buffer.from(input).toString('utf8')) : undefined;
    return { input, document, words: said };
  }

  function pick(draws: Draws): Known {
    const all = known.length + learnt.length;
    if (all === 0) return knownAs(anyBytes(draws), []);
    if (answered.length > 0 && draws.oneIn(2)) return draws.pick(answered);
    if (learnt.length > 0 && draws.oneIn(2)) return draws.pick(learnt.slice(-LATEST));
    const at = draws.below(all);
    return (at < known.length ? known[at] : learnt[at - known.length]) ?? knownAs(anyBytes(draws), []);
  }

  function make(draws: Draws): Uint8Array {
    const from = pick(draws);
    const other = pick(draws);
    if (from.document === undefined || draws.oneIn(16)) {
      const bytes = mutateBytes(from.input, other.input, draws);
      return takes === 'bytes' ? bytes : asText(bytes);
    }
    return Buffer.from(jsonText(changed(from.document, from.words, other.document ?? null, draws)), 'utf8');
  }

  function changed(document: Json, said: readonly string[], other: Json, draws: Draws): Json {
    // What was said of this very input is likelier to help than all names together.
    if (said.length > 0 && draws.oneIn(2)) return withNamed(document, { names: said, other }, draws);
    const parts = { names, other };
    if (said.length > 0 || draws.oneIn(4)) return mutateJson(document, parts, draws);
    return draws.oneIn(4)
      ? withNamed(document, { names: [...proven], other }, draws)
      : withOtherValues(document, parts, draws);
  }

  return {
    name,
    make: (draws) => make(draws).subarray(0, longest),
    learn(tried) {
      if (isDifferent(tried.comparison)) return;
      const isAnswered = tried.comparison.result === 'match';
      const kept = isAnswered ? answered : learnt;
      if (kept.length >= MOST_LEARNT) return;
      const input = knownAs(tried.input, wordsSaid(tried));
      const way = isAnswered ? shapeOf(input.document) + endOf(tried.legacy) : wayOf(tried);
      if (ways.has(way)) return;
      ways.add(way);
      kept.push(input);
      learnNames(input, isAnswered);
    },
  };
}

function namesIn(documents: readonly (Json | undefined)[]): readonly string[] {
  return documents.flatMap((document) =>
    document === undefined
      ? []
      : valuesIn(document).flatMap(({ value }) => (isObject(value) ? Object.keys(value) : [])),
  );
}

/** How both sides ended, numbers aside: the same for inputs that took the same way, as far as can be seen from outside. */
function wayOf({ legacy, wasm }: Tried): string {
  return `${endOf(legacy)} ${endOf(wasm)}`;
}

const LONGEST_WAY = 200;

function endOf(ended: Ended): string {
  if ('code' in ended) return `${ended.code}: ${ended.detail.slice(0, LONGEST_WAY).replace(/\d+/g, '#')}`;
  const document = ended.output.length > 65_536 ? undefined : parseJson(Buffer.from(ended.output).toString('utf8'));
  if (document === undefined) return ended.output.length === 0 ? 'empty' : 'ok';
  return shapeOf(document);
}

/** The names in a document, and the types of what they name. */
function shapeOf(document: Json | undefined): string {
  if (document === undefined) return '';
  return valuesIn(document, 64)
    .map(
      ({ path, value }) =>
        `${path.map((part) => (typeof part === 'number' ? '*' : part)).join('/')}:${isNumber(value) ? 'number' : typeof value}`,
    )
    .join(' ')
    .slice(0, 1_000);
}

function wordsSaid({ legacy, wasm }: Tried): readonly string[] {
  const said = [legacy, wasm].flatMap((ended) => ('code' in ended ? wordsIn(ended.detail.slice(0, LONGEST_WAY)) : []));
  return [...new Set(said)];
}
