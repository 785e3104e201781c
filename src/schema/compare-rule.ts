import { z } from 'zod';
import { anyJsonPointer, jsonPointer, path } from './forms.js';
import { percentage } from './stage.js';

const distance = z.number().min(0);

const tolerance = z
  .union([distance, z.strictObject({ absolute: distance.default(0), relative: distance.default(0) })])
  .describe('Numbers nearer than this are equal; a number alone is an absolute distance.')
  .transform((written) => (typeof written === 'number' ? { absolute: written, relative: 0 } : written));

const same = z.enum(['same', 'any']);

/** Which keys mean something under which `as`. */
const KEYS: Readonly<Record<'bytes' | 'text' | 'json', readonly string[]>> = {
  bytes: [],
  text: ['lineEnds', 'trailingSpace', 'unicode'],
  json: ['ignore', 'unordered', 'tolerance'],
};

/** `compare` as it is written; what is not given is left to where it is read. */
export const compareRule = z
  .strictObject({
    as: z
      .enum(['bytes', 'text', 'json'])
      .optional()
      .describe('What outputs are compared as: bytes (default), text or json.'),
    by: path.optional().describe("Instead: a JavaScript module inside the plugin's folder that decides."),
    ignore: z.array(jsonPointer).optional().describe('What does not count in a JSON document, with * for any member.'),
    unordered: z.array(anyJsonPointer).optional().describe('Arrays of a JSON document whose order does not count.'),
    tolerance: tolerance.optional(),
    lineEnds: same.optional().describe('Of text; any (default): CR LF, CR and LF are the same.'),
    trailingSpace: same.optional().describe('Of text; any (default): white space at line ends does not count.'),
    unicode: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']).optional().describe('Of text: compared in this normal form.'),
    noise: percentage.default(0).describe('Percent of the sampled calls for which legacy runs twice.'),
  })
  .check((context) => {
    const rule = context.value;
    const refuse = (message: string): void => void context.issues.push({ code: 'custom', input: rule, message });
    const given = (keys: readonly string[]): string[] =>
      keys.filter((key) => rule[key as keyof typeof rule] !== undefined);
    if (rule.by !== undefined) {
      const strange = given(['as', ...Object.values(KEYS).flat()]);
      if (strange.length > 0) refuse(`expected \`by\` without ${strange.join(' and ')}: the module alone decides`);
      return;
    }
    for (const [as, keys] of Object.entries(KEYS)) {
      if (as === (rule.as ?? 'bytes')) continue;
      const strange = given(keys);
      if (strange.length === 0) continue;
      const verb = strange.length === 1 ? 'means' : 'mean';
      refuse(`expected \`as: ${as}\` beside ${strange.join(' and ')}, which ${verb} nothing for other outputs`);
    }
  });

export const replyError = z.strictObject({
  pointer: jsonPointer,
  equals: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});
