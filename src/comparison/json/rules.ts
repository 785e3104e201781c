/** What holds at a place of a document, and below it. */
interface Rule {
  ignored: boolean;
  unordered: boolean;
  readonly members: Map<string, Rule>;
  /** For every member, beside what holds for it by its name. */
  any: Rule | null;
}

/** Every rule that holds at a place; null for none, there and below. */
export type Rules = readonly Rule[] | null;

/** Compiles JSON pointers, in which `*` stands for any member. */
export function compileRules(ignore: readonly string[], unordered: readonly string[] = []): Rules {
  if (ignore.length === 0 && unordered.length === 0) return null;
  const root = newRule();
  for (const pointer of ignore) ruleAt(root, pointer).ignored = true;
  for (const pointer of unordered) ruleAt(root, pointer).unordered = true;
  return [root];
}

/** What holds for a member. */
export function rulesOf(rules: Rules, key: string | number): Rules {
  if (rules === null) return null;
  const only = rules.length === 1 ? rules[0] : undefined;
  if (only?.members.size === 0) return only.any === null ? null : [only.any];
  const found = rules.flatMap(({ members, any }) => {
    const named = members.get(String(key));
    return named === undefined ? (any ?? []) : any === null ? named : [named, any];
  });
  return found.length === 0 ? null : found;
}

/** What holds for each element of an array whose elements have no place: what is said of all of them. */
export function rulesOfAny(rules: Rules): Rules {
  const found = rules?.flatMap(({ any }) => any ?? []) ?? [];
  return found.length === 0 ? null : found;
}

/** Whether the same rules hold. */
export function areSameRules(one: Rules, other: Rules): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((rule, at) => rule === other[at]);
}

export function isIgnored(rules: Rules): boolean {
  return rules?.some(({ ignored }) => ignored) === true;
}

export function isUnordered(rules: Rules): boolean {
  return rules?.some(({ unordered }) => unordered) === true;
}

/** The parts of a JSON pointer (RFC 6901). */
export function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function newRule(): Rule {
  return { ignored: false, unordered: false, members: new Map(), any: null };
}

function ruleAt(root: Rule, pointer: string): Rule {
  let rule = root;
  for (const part of partsOf(pointer)) {
    if (part === '*') {
      rule = rule.any ??= newRule();
    } else {
      const next = rule.members.get(part) ?? newRule();
      rule.members.set(part, next);
      rule = next;
    }
  }
  return rule;
}
