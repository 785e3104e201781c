import { z } from 'zod';
import { DEFAULT_GATES, type GateRules } from '../domain/evidence.js';
import type { RolloutPlan, RolloutStep } from '../domain/rollout.js';
import { keysLeftOut, percentOnWasm, type Stage } from '../domain/stage.js';
import { percentage, stage } from './stage.js';
import { span, writtenSpan } from './units.js';

const STEPS = 100;

/** So many keys are named in a mistake. */
const KEYS_NAMED = 5;

const gates = z.strictObject({
  mismatches: z
    .strictObject({
      limit: percentage.default(DEFAULT_GATES.mismatches.limit).describe('Percent of comparisons that may differ.'),
    })
    .nullable()
    .default(null),
  failures: z
    .strictObject({
      margin: percentage
        .default(DEFAULT_GATES.failures.margin)
        .describe('Percent by which wasm may fail more often than legacy does.'),
    })
    .nullable()
    .default(null),
  latency: z
    .strictObject({
      quantile: z
        .number()
        .gt(0)
        .lt(1)
        .default(DEFAULT_GATES.latency.quantile)
        .describe('Which one is compared: 0.5 is the median.'),
      ratio: z
        .number()
        .gt(0)
        .max(1_000)
        .default(DEFAULT_GATES.latency.ratio)
        .describe('How many times as slow as legacy wasm may be there.'),
    })
    .nullable()
    .default(null),
  alpha: z
    .number()
    .gt(0)
    .max(50)
    .default(5)
    .describe('The chance of a wrong verdict over the whole rollout, in percent.'),
});

const calls = z.int().min(0).max(1_000_000_000);

const step = z.strictObject({
  stage,
  gates: gates.optional().describe("Instead of the plan's."),
  atLeast: span.optional(),
  calls: calls.optional(),
  deadline: span.nullable().optional().describe('After which it is reported as stalled.'),
  manual: z.boolean().default(false).describe('Waits for an operator, even when everything else is met.'),
});

/** How a function is moved to wasm, as it is written. */
const written = z.strictObject({
  gates: gates
    .prefault(DEFAULT_GATES)
    .describe('What has to hold before callers move on; a gate that is null or left out is not asked.'),
  atLeast: span.prefault('10m').describe('Least time in a step that says nothing of its own.'),
  calls: calls.default(1_000).describe('Least number of calls of wasm in such a step.'),
  steps: z.array(step).min(1, 'expected at least one step').max(STEPS, `expected at most ${STEPS} steps`),
});

const ordered = written.check(({ value, issues }) => {
  let before: Stage | null = null;
  for (const [index, { stage: wanted }] of value.steps.entries()) {
    const message = stageMistake(wanted, before);
    if (message !== null) issues.push({ code: 'custom', input: wanted, path: ['steps', index, 'stage'], message });
    before = wanted;
  }
});

const keepingKeys = ordered.check(({ value, issues }) => {
  for (const [index, { stage: wanted }] of value.steps.entries()) {
    const before = value.steps[index - 1]?.stage;
    const left = before === undefined ? [] : keysLeftOut(before, wanted);
    if (left.length === 0) continue;
    const path = ['steps', index, 'stage', ...(wanted.stage === 'canary' ? ['allow'] : [])];
    const message = `expected to keep with wasm whom the step before allows: ${listed(left)}`;
    issues.push({ code: 'custom', input: wanted, path, message });
  }
});

export const rolloutPlan: z.ZodType<RolloutPlan, z.input<typeof written>> = keepingKeys.transform(readPlan);

/** A plan that was taken once, perhaps by an earlier version which asked for less. */
export const keptPlan: z.ZodType<RolloutPlan, z.input<typeof written>> = ordered.transform(readPlan);

function readPlan({ gates: ofAll, steps, ...defaults }: z.output<typeof written>): RolloutPlan {
  return {
    gates: ofAll,
    steps: steps.map((each) => ({
      stage: each.stage,
      gates: each.gates ?? null,
      atLeastMs: each.atLeast ?? defaults.atLeast,
      calls: each.calls ?? defaults.calls,
      deadlineMs: each.deadline ?? null,
      manual: each.manual,
    })),
  };
}

/** A plan as {@link rolloutPlan} reads it: what is answered can be sent back. */
export function writtenPlan({ gates: ofAll, steps }: RolloutPlan): z.input<typeof rolloutPlan> {
  return { gates: copied(ofAll), steps: steps.map(writtenStep) };
}

function writtenStep(of: RolloutStep): z.input<typeof step> {
  return {
    stage: of.stage,
    ...(of.gates === null ? {} : { gates: copied(of.gates) }),
    atLeast: writtenSpan(of.atLeastMs),
    calls: of.calls,
    ...(of.deadlineMs === null ? {} : { deadline: writtenSpan(of.deadlineMs) }),
    manual: of.manual,
  };
}

function copied({ mismatches, failures, latency, alpha }: GateRules): z.input<typeof gates> {
  return { mismatches, failures, latency, alpha };
}

/** As many keys as fit in a line. */
function listed(keys: readonly string[]): string {
  const more = keys.length - KEYS_NAMED;
  return `${keys.slice(0, KEYS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function stageMistake(wanted: Stage, before: Stage | null): string | null {
  if (wanted.stage === 'legacy' || wanted.stage === 'retired') {
    return `expected shadow, canary or wasm: ${wanted.stage} is set by hand`;
  }
  const [now, then] = [percentOnWasm(wanted), before === null ? 0 : percentOnWasm(before)];
  if (now < then) return `expected no fewer callers on wasm than in the step before, which has ${then} %`;
  return null;
}
