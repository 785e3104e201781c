import type { BackendEvent, BackendName, BackendState, Report } from '../domain/backend.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

interface ReportOptions {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'countRestart' | 'countEgress'>;
  readonly plugin: string;
  readonly backend: BackendName;
}

/** The ear of one backend: what its plugin prints and what becomes of it go to the log, restarts and egress are counted. */
export function backendReport({ log, metrics, plugin, backend }: ReportOptions): Report {
  const backendLog = log.child({ plugin, backend });
  return (event: BackendEvent) => {
    switch (event.type) {
      case 'output':
        backendLog.info({ stream: event.stream, line: event.line }, 'plugin output');
        return;
      case 'restart':
        metrics.countRestart(plugin, backend, event.cause);
        // A child that had done its share leaves as planned, without a failed call.
        backendLog[event.cause === 'recycled' ? 'info' : 'warn'](
          { cause: event.cause, ...(event.detail === undefined ? {} : { detail: event.detail }) },
          'backend restarted',
        );
        return;
      case 'egress':
        metrics.countEgress(plugin, event.outcome, event.durationMs);
        return;
      case 'state':
        logState(backendLog, event.state);
        return;
      default:
        event satisfies never;
    }
  };
}

const at = (time: number): string => new Date(time).toISOString();

function logState(log: Log, state: BackendState): void {
  switch (state.state) {
    case 'loading':
    case 'unloaded':
      log.debug(state, `backend ${state.state}`);
      return;
    case 'ready':
      log.info(state, 'backend ready');
      return;
    case 'backing-off':
      log.warn({ ...state, until: at(state.until) }, 'backend backing-off');
      return;
    case 'tripped':
      log.warn({ ...state, since: at(state.since), until: at(state.until) }, 'backend tripped');
      return;
    case 'refused':
      log.error(state, 'backend refused');
      return;
    default:
      state satisfies never;
  }
}
