export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: ParsedSample[];
}

export type Form = 'text' | 'openmetrics';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;

/** Reads a scrape by the letter of its format and throws at the first line that breaks it. */
export function parseExposition(body: string, form: Form): Map<string, Family> {
  const ending = form === 'openmetrics' ? '\n# EOF\n' : '\n';
  must(body.endsWith(ending), `ends with ${JSON.stringify(ending)}`, body.slice(-40));
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: string | null = null;
  let family: Family | null = null;

  for (const line of body.slice(0, -ending.length).split('\n')) {
    if (line === '') {
      must(form === 'text', 'OpenMetrics has no empty lines', line);
    } else if (line.startsWith('# HELP ')) {
      help = /^# HELP (\S+) \S.*$/.exec(line)?.[1] ?? null;
      must(help !== null && NAME.test(help) && !families.has(help), 'a help text, once a metric', line);
    } else if (line.startsWith('# TYPE ')) {
      const [, name = '', type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
      must(name !== '' && name === help, 'a type right after its help text', line);
      must(form === 'text' || type !== 'counter' || !name.endsWith('_total'), 'a counter family without _total', line);
      must(form === 'openmetrics' || type !== 'counter' || name.endsWith('_total'), 'a counter named _total', line);
      family = { name, type, samples: [] };
      families.set(name, family);
    } else {
      const sample = parseSample(line);
      must(family !== null && belongs(sample, family, form), `a sample of ${family?.name ?? 'nothing'}`, line);
      const identity = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      must(!seen.has(identity), 'a series once', line);
      seen.add(identity);
      must(family.type !== 'counter' || sample.value >= 0, 'a counter that is not negative', line);
      family.samples.push(sample);
    }
  }
  for (const histogram of families.values()) if (histogram.type === 'histogram') checkHistogram(histogram);
  return families;
}

/** All samples of a scrape under the names that PromQL knows them by. */
export function samplesOf(families: ReadonlyMap<string, Family>): ParsedSample[] {
  return [...families.values()].flatMap((family) => family.samples);
}

function parseSample(line: string): ParsedSample {
  const [, name = '', labelText = '', valueText = ''] = SAMPLE.exec(line) ?? [];
  must(name !== '', 'name, labels, value', line);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelText.length) {
    const [, label = '', value = ''] = LABEL.exec(labelText) ?? [];
    must(label !== '' && !(label in labels), 'well-formed labels, each once', line);
    labels[label] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  const value = valueText === '+Inf' ? Infinity : Number(valueText);
  // Both forms take NaN in any case; prom-client writes Nan for an event loop that it has not watched for long enough.
  must(!Number.isNaN(value) || /^nan$/i.test(valueText), 'a number', line);
  return { name, labels, value };
}

function belongs(sample: ParsedSample, family: Family, form: Form): boolean {
  switch (family.type) {
    case 'histogram':
      return ['_bucket', '_sum', '_count'].some((suffix) => sample.name === family.name + suffix);
    case 'counter':
      return sample.name === (form === 'openmetrics' ? `${family.name}_total` : family.name);
    default:
      return sample.name === family.name;
  }
}

function checkHistogram(family: Family): void {
  const series = new Map<string, ParsedSample[]>();
  for (const sample of family.samples) {
    const labels = JSON.stringify(Object.entries(sample.labels).filter(([name]) => name !== 'le'));
    series.set(labels, [...(series.get(labels) ?? []), sample]);
  }
  for (const [labels, samples] of series) {
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels: { le = '' } }) => (le === '+Inf' ? Infinity : Number(le)));
    must(bounds.at(-1) === Infinity, 'a last bucket +Inf', labels);
    must(
      bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0)),
      'bounds that ascend',
      labels,
    );
    const counts = buckets.map(({ value }) => value);
    must(
      counts.every((count, at) => at === 0 || count >= (counts[at - 1] ?? 0)),
      'cumulative buckets',
      labels,
    );
    const count = samples.find(({ name }) => name.endsWith('_count'))?.value;
    must(count !== undefined && count === counts.at(-1), 'a count that is the last bucket', labels);
    must(samples.filter(({ name }) => name.endsWith('_sum')).length === 1, 'one sum', labels);
  }
}

function must(holds: boolean, expected: string, found: string): asserts holds {
  if (!holds) throw new Error(`expected ${expected}, found: ${found}`);
}
