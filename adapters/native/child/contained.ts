import type { RunContained } from '../../../src/domain/contained.js';
import { DESCRIPTOR } from '../protocol/descriptors.js';
import type { Enclosure } from '../protocol/enclosure.js';
import { confine } from './confine/confine.js';

/*
 * A process for a program of another adapter: holds itself back as a child that runs libraries does, and then becomes
 * that program, which is named by its URL. Whoever started this one has chosen both.
 */
const [, , enclosure = '', program = ''] = process.argv;

const missing = confine(JSON.parse(enclosure) as Enclosure);
const { run } = (await import(program)) as { readonly run: RunContained };
run({ incoming: DESCRIPTOR.calls, outgoing: DESCRIPTOR.answers, note: DESCRIPTOR.note, missing });
