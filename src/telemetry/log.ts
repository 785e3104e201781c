import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type Log = Logger;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

interface LogOptions {
  /** `BANYAN_LOG_LEVEL`; default `info`. */
  readonly level?: string | undefined;
  /** Default: stderr, so that stdout is left to people. */
  readonly destination?: DestinationStream;
}

/**
 * The gateway's log: a JSON object a line, written before the call returns, so that nothing is lost at exit. Throws on
 * a level that there is not.
 */
export function createLog({
  level = 'info',
  destination = pino.destination({ dest: 2, sync: true }),
}: LogOptions): Log {
  if (!LEVELS.includes(level)) {
    throw new RangeError(`BANYAN_LOG_LEVEL: expected one of ${LEVELS.join(', ')}, not ${JSON.stringify(level)}`);
  }
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
