import { type Backend, type Open, Refused, type Report } from '../../src/domain/backend.js';
import { Failed } from '../../src/domain/failure.js';
import type { NativeSpec } from '../../src/domain/native.js';
import { openInProcess } from './in-process/open.js';
import { notAllowedInProcess } from './in-process/terms.js';
import { closed } from './parent/failures.js';
import { type Member, memberOf } from './parent/member.js';
import { Displaces } from './parent/membership.js';
import { Pool } from './parent/pool.js';
import { profileOf } from './parent/launch/profile.js';
import { type NativeOptions, settingsOf } from './parent/settings.js';
import { Spares } from './parent/spares.js';
import { containmentProblem } from './parent/launch/spawn.js';
import { disagreements } from './parent/terms.js';

/**
 * Opens native backends: children in which koffi calls the library, of their own or shared by the plugins of a group, or
 * the gateway itself for those that may. Resolves when a child has loaded the library and every symbol is there; rejects with `Refused`, all mistakes at once.
 */
export function openNative(options: NativeOptions = {}): Open<NativeSpec> {
  const settings = settingsOf(options);
  const spares = new Spares(settings);
  const groups = new Map<string, readonly Pool[]>();
  let functions = 0;

  return async (spec, report) => {
    if (spec.isolation === 'in-process') {
      const problem = notAllowedInProcess(spec, settings.inProcess);
      if (problem !== null) throw new Refused([problem]);
      return await openInProcess(spec, report);
    }
    const firstId = functions;
    functions += spec.functions.size;
    return await openInChildren(spec, report, firstId);
  };

  async function openInChildren(spec: NativeSpec, report: Report, firstId: number): Promise<Backend> {
    const pool = poolFor(spec, report);
    const arrive = pool.membership.announce(spec);
    let member: Member;
    let loaded: Promise<void>;
    try {
      member = await memberOf(spec, report, firstId);
      const problem = await containmentProblem(profileOf([member]), settings);
      if (problem !== null) throw new Refused([problem]);
      report({ type: 'state', state: { state: 'loading' } });
      loaded = pool.membership.join(member);
    } finally {
      arrive();
    }
    try {
      await loaded;
    } catch (error) {
      if (!(error instanceof Displaces)) throw error;
      // Those that are in are about to be replaced, very likely: who comes now begins anew, beside them.
      if (spec.group !== null) groups.set(spec.group, without(groups.get(spec.group), pool));
      return await openInChildren(spec, report, firstId);
    }
    let left: Promise<void> | null = null;
    return {
      window: pool.window,
      call: (call) => (left === null ? pool.call(member, call) : Promise.reject(new Failed(closed(), 'legacy'))),
      close: () => (left ??= pool.membership.leave(member)),
    };
  }

  /** A pool of the group whose plugins agree with this one; else a new one. */
  function poolFor(spec: NativeSpec, report: Report): Pool {
    if (spec.group === null) return new Pool(spec, settings, spares);
    const open = (groups.get(spec.group) ?? []).filter(({ membership }) => !membership.closed);
    const agreeing = open.find(({ membership }) => disagreements(membership.specs, spec).length === 0);
    const pool = agreeing ?? new Pool(spec, settings, spares);
    groups.set(spec.group, agreeing === undefined ? [...open, pool] : open);
    const [why] = agreeing === undefined ? open.map(({ membership }) => disagreements(membership.specs, spec)) : [];
    if (why !== undefined)
      report({
        type: 'output',
        stream: 'log',
        line: `has children of its own in group ${spec.group}: ${why.join('; ')}`,
      });
    return pool;
  }
}

function without(pools: readonly Pool[] | undefined, pool: Pool): readonly Pool[] {
  return (pools ?? []).filter((each) => each !== pool);
}
