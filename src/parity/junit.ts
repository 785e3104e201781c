import type { Plugin } from '../domain/plugin.js';
import { bytesText, outcomeText } from './outcome-text.js';
import { describeDifference, FURTHER, type Place } from './tally.js';
import { isDifferent } from './pair.js';
import type { Verdict, Verified } from './verify-corpus.js';
import { xmlAttribute, xmlText } from './xml.js';

/** Up to here every line is a test case; of more, every way to differ is one: no reader shows a million. */
const MOST_CASES = 5_000;
/** Characters of a failure's text. */
const MOST_TEXT = 2_000;

interface Suite {
  tests: number;
  failures: number;
  ms: number;
  readonly cases: string[];
}

/** A report as JUnit writes it, for what shows test results. It keeps some 20 MB at most. */
export interface Junit {
  add(verdict: Verdict): void;
  /** The document, piece by piece. */
  end(verified: Verified): Iterable<string>;
}

/** `total` is how many lines there will be. */
export function createJunit({ name: plugin, functions }: Plugin, total: number): Junit {
  const perLine = total <= MOST_CASES;
  const suites = new Map<string, Suite>();

  function suiteOf(name: string): Suite {
    let suite = suites.get(name);
    if (suite === undefined) suites.set(name, (suite = { tests: 0, failures: 0, ms: 0, cases: [] }));
    return suite;
  }

  /** What a manifest has taken out of samples is not to come in again by a report. */
  function isShown(name: string): boolean {
    return functions.get(name)?.redact.pointers.length === 0;
  }

  return {
    add(verdict) {
      const { found, tried, ms } = verdict;
      const suite = suiteOf(found.function);
      const failed = isDifferent(tried.comparison);
      suite.tests += 1;
      suite.ms += ms;
      if (failed) suite.failures += 1;
      if (perLine)
        suite.cases.push(
          testCase(
            plugin,
            found.function,
            `${found.file}:${found.line}`,
            ms,
            failed ? failureOf(verdict, isShown(found.function)) : '',
          ),
        );
    },
    *end(verified) {
      const names = [...suites].map(([name, suite]) =>
        perLine ? ([name, suite] as const) : ([name, grouped(plugin, name, suite, verified)] as const),
      );
      if (verified.interrupted) names.push(['all lines', unfinished(plugin, verified)]);
      const sum = (of: (suite: Suite) => number): number => names.reduce((total, [, suite]) => total + of(suite), 0);
      yield '<?xml version="1.0" encoding="UTF-8"?>\n';
      yield `<testsuites name="banyan verify ${xmlAttribute(plugin)}" ${attributes(
        sum(({ tests }) => tests),
        sum(({ failures }) => failures),
        verified.ms,
      )}>\n`;
      for (const [name, { tests, failures, ms, cases }] of names) {
        yield `  <testsuite name="${xmlAttribute(`${plugin}/${name}`)}" ${attributes(tests, failures, ms)}>\n`;
        yield* cases;
        yield '  </testsuite>\n';
      }
      yield '</testsuites>\n';
    },
  };
}

/** A report of half a corpus is not to look like one of all of it. */
function unfinished(plugin: string, { lines, total }: Verified): Suite {
  const said = failure('interrupted', `interrupted after ${lines} of ${total} lines`, '');
  return { tests: 1, failures: 1, ms: 0, cases: [testCase(plugin, 'all lines', 'all lines were run', 0, said)] };
}

/** One test case for all lines that are equal, and one for each way in which others differ. */
function grouped(plugin: string, name: string, suite: Suite, { places, elsewhere }: Verified): Suite {
  const equal = suite.tests - suite.failures;
  const mine = places.filter((place) => place.function === name);
  const rest = elsewhere.filter((more) => more.function === name).map(({ lines }) => `${lines} lines: ${FURTHER}`);
  const cases = [
    testCase(plugin, name, `${equal} lines are equal`, suite.ms, ''),
    ...mine.map((place) => testCase(plugin, name, `${place.count} lines: ${nameOf(place)}`, 0, failureAt(place))),
    ...rest.map((title) => testCase(plugin, name, title, 0, failure('mismatch', title, ''))),
  ];
  return { tests: cases.length, failures: mine.length + rest.length, ms: suite.ms, cases };
}

function nameOf({ result, pointer, kind }: Place): string {
  return pointer === null ? result : `${pointer === '' ? 'the whole output' : pointer} (${kind ?? result})`;
}

function failureAt(place: Place): string {
  const { result, example } = place;
  const text = `for example ${example.file}:${example.line}\nlegacy: ${example.legacy ?? 'nothing'}\nwasm: ${example.wasm ?? 'nothing'}`;
  return failure(result, nameOf(place), text);
}

function failureOf({ found, tried }: Verdict, isShown: boolean): string {
  if (!isShown) return failure(tried.comparison.result, describeDifference(tried.comparison), '');
  const input = bytesText(found.input);
  const text = `input: ${input}\nlegacy: ${outcomeText(tried.legacy)}\nwasm: ${outcomeText(tried.wasm)}`;
  return failure(tried.comparison.result, describeDifference(tried.comparison), text);
}

function failure(type: string, message: string, text: string): string {
  const short = message.slice(0, MOST_TEXT);
  return `<failure type="${xmlAttribute(type)}" message="${xmlAttribute(short)}">${xmlText(text.slice(0, MOST_TEXT))}</failure>`;
}

function testCase(plugin: string, name: string, title: string, ms: number, inside: string): string {
  const named = `classname="${xmlAttribute(`${plugin}.${name}`)}" name="${xmlAttribute(title)}" time="${seconds(ms)}"`;
  return inside === '' ? `    <testcase ${named}/>\n` : `    <testcase ${named}>${inside}</testcase>\n`;
}

function attributes(tests: number, failures: number, ms: number): string {
  return `tests="${tests}" failures="${failures}" errors="0" skipped="0" time="${seconds(ms)}"`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
