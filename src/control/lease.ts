import { createHash } from 'node:crypto';
import type { Backend, BackendName, BackendState } from '../domain/backend.js';
import type { LiveBackend } from '../domain/generation.js';
import { artefactOf } from '../domain/plugin.js';
import type { BackendSpec } from '../domain/plugin.js';

/** A live backend as its owner sees it: it can be retired, which closes it when the last lease is given back. */
export interface OwnedBackend extends LiveBackend {
  /** What it was built from; equal fingerprints need no new backend. */
  readonly fingerprint: string;
  /** Told of each change of its state, by whoever has it in force. */
  onState: ((state: BackendState) => void) | null;
  /** Resolves when the backend is closed. Its calls, queueing ones included, end first. */
  retire(): Promise<void>;
}

interface OwnOptions {
  readonly name: BackendName;
  readonly spec: BackendSpec;
  readonly fingerprint: string;
  readonly backend: Backend;
  readonly state: () => BackendState;
}

export function own(options: OwnOptions): OwnedBackend {
  const { name, spec, fingerprint, backend, state } = options;
  let leases = 0;
  let retired: { readonly closed: Promise<void>; readonly close: () => void } | null = null;

  return {
    name,
    kind: spec.kind,
    version: spec.version,
    sha256: artefactOf(spec).sha256,
    digest: digestOf(spec),
    fingerprint,
    onState: null,
    backend,
    state,
    inFlight: () => leases,
    acquire() {
      leases += 1;
    },
    release() {
      leases -= 1;
      if (leases === 0) retired?.close();
    },
    retire() {
      if (retired === null) {
        const { promise, resolve } = withResolvers();
        retired = { closed: promise.then(() => backend.close()), close: resolve };
        if (leases === 0) resolve();
      }
      return retired.closed;
    },
  };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function digestOf(spec: BackendSpec): string {
  const { sha256 } = artefactOf(spec);
  if (spec.kind === 'native' || spec.link.size === 0) return sha256;
  const linked = [...spec.link].map(([name, module]) => [name, module.sha256]).sort();
  return createHash('sha256')
    .update(JSON.stringify([sha256, linked]))
    .digest('hex');
}
