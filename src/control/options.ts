import type { Rejection } from '../domain/control.js';
import type { GatewayEvent } from '../domain/event.js';
import type { GateVerdict } from '../domain/evidence.js';
import type { DisabledPlugin, FileProblem, LiveFunction } from '../domain/generation.js';
import type { Plugin, RetireRule } from '../domain/plugin.js';
import type { OpenBackend, ReportFor } from './build.js';
import type { Store } from './stores/store.js';

/** What the plugin folders hold, as the registry found it. */
export interface Discovered {
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
}

export interface ControlOptions {
  readonly store: Store;
  /** Reads configuration and plugin folders again; rejects with `Rejected` for a configuration that cannot be used. */
  readonly discover: () => Promise<Discovered>;
  readonly open: OpenBackend;
  readonly reportFor: ReportFor;
  /** The place in a plugin's manifest of a pointer that an adapter complained of. */
  readonly locate: (plugin: string, pointer: string, message: string) => Promise<FileProblem>;
  /** What is known of how both sides of a function compare. */
  readonly evidence: {
    verdicts(live: LiveFunction): readonly GateVerdict[];
    /** What is missing before legacy may be unloaded, a sentence each. */
    proof(live: LiveFunction, rule: RetireRule): readonly string[];
  };
  /** Told how every wish to change routes ended. */
  readonly onFlip: (result: 'accepted' | Rejection['code']) => void;
  readonly onApply: (success: boolean) => void;
  /** Told what is different, once it is in force. */
  readonly onEvent: (event: GatewayEvent) => void;
  /** `load` waits no longer than this, in milliseconds, while no backend gets open; default 3,000. */
  readonly patienceMs?: number;
  readonly now?: () => Date;
}
