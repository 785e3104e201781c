import * as http from 'node:http';
import * as https from 'node:https';
import type { Scheme } from '../../../src/domain/host-grant.js';

/** Milliseconds that an unused connection is kept: less than servers keep theirs, as a rule. */
const KEPT_FOR = 4_000;
const KEPT_FOR_ONE_HOST = 8;
/** Of each scheme: a grant of many hosts must not gather connections without end. */
const HOSTS_KEPT = 64;
/** Milliseconds for each address of a name but the last one; Node's own 250 are too few for far away ones. */
const ATTEMPT = 1_000;

export interface Connections {
  agentFor(scheme: Scheme): http.Agent;
  /** Ends them all, those in use too. */
  close(): void;
}

/**
 * The connections of one grant, kept for its next requests. Never shared between grants: one that is kept was checked by
 * the rules of the grant that opened it, for its scheme, host and port alone. `ca`: what to trust instead of Node's list.
 */
export function makeConnections(ca: string | undefined): Connections {
  const connecting = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT };
  const keeping = { ...connecting, keepAlive: true, timeout: KEPT_FOR, maxFreeSockets: KEPT_FOR_ONE_HOST };
  // Said here, so that no variable of the environment switches it off.
  const trusting = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const kept = { http: new http.Agent(keeping), https: new https.Agent({ ...keeping, ...trusting }) };
  const passing = { http: new http.Agent(connecting), https: new https.Agent({ ...connecting, ...trusting }) };

  return {
    agentFor: (scheme) => (Object.keys(kept[scheme].freeSockets).length < HOSTS_KEPT ? kept : passing)[scheme],
    close() {
      for (const agent of [kept.http, kept.https, passing.http, passing.https]) agent.destroy();
    },
  };
}
