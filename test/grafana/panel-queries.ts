/** What a dashboard asks of Prometheus in one place, and the labels that it shows of the answer. */
export interface PanelQuery {
  /** For people: the panel or variable, and which of its queries. */
  readonly where: string;
  readonly expr: string;
  readonly labels: readonly string[];
}

/** A scraped sample under the name that PromQL knows it by. */
export interface ExportedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The parts of a Grafana dashboard that hold queries. */
export interface DashboardJson {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly expr: string; readonly textFormat: string }[];
  };
}

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

/** Labels that Prometheus adds to whatever it scrapes. */
const TARGET_LABELS = ['job', 'instance'];

const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9a-z.]*|=~|!~|!=|==|>=|<=|\S/g;
const WORD = /^[a-zA-Z_:]/;
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const OPERATORS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan']);

/** Every query of a dashboard: those of its panels, its variables and its annotations. */
export function panelQueries(dashboard: DashboardJson): PanelQuery[] {
  const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat = '' }) => ({
      where: `panel "${title}" ${refId}`,
      expr,
      labels: shown(legendFormat),
    })),
  );
  const variables = dashboard.templating.list.flatMap(({ name, type, query }) => {
    if (type !== 'query') return [];
    const [, expr = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
    return [{ where: `variable ${name}`, expr, labels: [label] }];
  });
  const annotations = dashboard.annotations.list.map(({ name, expr, textFormat }) => ({
    where: `annotation "${name}"`,
    expr,
    labels: shown(textFormat),
  }));
  return [...panels, ...variables, ...annotations];
}

/** What the queries ask for and the samples do not have: metrics, labels, and label values; a sentence each. */
export function unanswered(queries: readonly PanelQuery[], samples: readonly ExportedSample[]): string[] {
  return queries.flatMap(({ where, expr, labels }) => {
    const { selectors, grouping } = asksFor(expr);
    if (selectors.length === 0) return [`${where} asks for no metric: ${expr}`];
    const ungrouped = grouping.length === 0 ? [] : labels.filter((label) => !grouping.includes(label));
    const missing = selectors.flatMap((selector) => lacking(selector, [...grouping, ...labels], samples));
    return [...ungrouped.map((label) => `shows label ${label}, which its aggregation drops`), ...missing].map(
      (lack) => `${where} ${lack}`,
    );
  });
}

/** The metrics of an expression with their label matchers, and the labels that it groups by. */
export function asksFor(expr: string): {
  readonly selectors: readonly Selector[];
  readonly grouping: readonly string[];
} {
  const tokens: readonly string[] = expr.match(TOKEN) ?? [];
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const next = tokens[at + 1] ?? '';
    if (GROUPING.has(token) && next === '(') {
      const end = tokens.indexOf(')', at);
      grouping.push(...tokens.slice(at + 2, end).filter((label) => label !== ','));
      at = end;
    } else if (WORD.test(token) && next !== '(' && !GROUPING.has(next) && !OPERATORS.has(token)) {
      const end = next === '{' ? tokens.indexOf('}', at) : at;
      selectors.push({ name: token, matchers: matchersOf(tokens.slice(at + 2, end)) });
      at = end;
    }
  }
  return { selectors, grouping: [...new Set(grouping)] };
}

function matchersOf(tokens: readonly string[]): Matcher[] {
  const matchers: Matcher[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [label = '', operator = '', value = '""'] = tokens.slice(at, at + 3);
    matchers.push({ label, operator, value: JSON.parse(value) as string });
  }
  return matchers;
}

function lacking(
  { name, matchers }: Selector,
  labels: readonly string[],
  samples: readonly ExportedSample[],
): string[] {
  const exported = samples.filter((sample) => sample.name === name);
  if (exported.length === 0) return [`asks for ${name}, which is not exported`];
  const asked = new Set([...matchers.map(({ label }) => label), ...labels]);
  const absent = [...asked].filter(
    (label) => !TARGET_LABELS.includes(label) && !exported.some((sample) => label in sample.labels),
  );
  if (absent.length > 0) return absent.map((label) => `asks for label ${label} of ${name}, which has none`);
  const fixed = matchers.filter(({ value }) => !value.includes('$'));
  return exported.some((sample) => fixed.every((matcher) => matches(matcher, sample.labels[matcher.label] ?? '')))
    ? []
    : [`asks for ${name} with ${JSON.stringify(fixed)}, which no series has`];
}

function matches({ operator, value }: Matcher, found: string): boolean {
  switch (operator) {
    case '=':
      return found === value;
    case '!=':
      return found !== value;
    case '=~':
      return new RegExp(`^(?:${value})$`).test(found);
    case '!~':
      return !new RegExp(`^(?:${value})$`).test(found);
    default:
      throw new Error(`no label matcher: ${operator}`);
  }
}

function shown(format: string): string[] {
  return [...format.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
}
