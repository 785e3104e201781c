import { type Backend, type Open, Refused, type Report } from '../../src/domain/backend.js';
import { Failed } from '../../src/domain/failure.js';
import type { NativeSpec } from '../../src/domain/native.js';
import { openInProcess } from './in-process/open.js';
import { notAllowedInProcess } from './in-process/terms.js';
import { closed } from './parent/failures.js';
import { type Member, memberOf } from './parent/member.js';
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
  const groups = new Map<string, Pool>();
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
    const pool = poolFor(spec);
    const arrive = pool.membership.announce();
    let member: Member;
    let loaded: Promise<void>;
    try {
      member = await memberOf(spec, report, firstId);
      const problem = await containmentProblem(profileOf([member]), settings);
      const problems = problem === null ? disagreements(pool.membership.all, spec) : [problem];
      if (problems.length > 0) throw new Refused(problems);
      report({ type: 'state', state: { state: 'loading' } });
      loaded = pool.membership.join(member);
    } finally {
      arrive();
    }
    await loaded;
    let left: Promise<void> | null = null;
    return {
      window: pool.window,
      call: (call) => (left === null ? pool.call(member, call) : Promise.reject(new Failed(closed(), 'legacy'))),
      close: () => (left ??= pool.membership.leave(member)),
    };
  }

  function poolFor(spec: NativeSpec): Pool {
    const shared = spec.group === null ? undefined : groups.get(spec.group);
    if (shared !== undefined && !shared.membership.closed) return shared;
    const pool = new Pool(spec, settings, spares);
    if (spec.group !== null) groups.set(spec.group, pool);
    return pool;
  }
}
