import type { EventFeed, Follower, GatewayEvent, Recorded } from '../domain/event.js';

const BEAT_MS = 15_000;

interface EventsOptions {
  /** How many events are kept; default 256. */
  readonly keep?: number;
  /** How many followers there may be at once; default 32. */
  readonly followers?: number;
  readonly now?: () => number;
  /** Calls `beat` every so many milliseconds until the function that it answers is called. */
  readonly every?: (ms: number, beat: () => void) => () => void;
}

/** The {@link EventFeed} with what only its owner may do. */
export interface Events extends EventFeed {
  readonly publish: (event: GatewayEvent) => void;
  /** Lets every follower end; whoever comes later ends at once. */
  close(): void;
}

/**
 * The latest events of this process. Numbers start at the time of the start, so that a follower of an earlier process
 * learns that it has missed some.
 */
export function createEvents({
  keep = 256,
  followers: most = 32,
  now = Date.now,
  every = everyInterval,
}: EventsOptions = {}): Events {
  const kept: Recorded[] = [];
  const followers = new Set<Follower>();
  let newest = now() * 1_000;
  let closed = false;
  let stopBeating: (() => void) | null = null;

  const oldest = (): number => newest - kept.length + 1;

  function leave(follower: Follower): void {
    followers.delete(follower);
    if (followers.size > 0) return;
    stopBeating?.();
    stopBeating = null;
  }

  return {
    newest: () => newest,
    oldest,
    at: (id) => kept[id - oldest()],
    follow(follower) {
      if (closed) {
        follower.end();
        return () => undefined;
      }
      if (followers.size >= most) return null;
      followers.add(follower);
      stopBeating ??= every(BEAT_MS, () => {
        for (const each of [...followers]) each.beat();
      });
      return () => leave(follower);
    },
    publish(event) {
      newest += 1;
      kept.push({ id: newest, at: new Date(now()).toISOString(), event });
      if (kept.length > keep) kept.shift();
      for (const each of [...followers]) each.wake();
    },
    close() {
      closed = true;
      for (const each of [...followers]) {
        each.end();
        leave(each);
      }
    },
  };
}

function everyInterval(ms: number, beat: () => void): () => void {
  const timer = setInterval(beat, ms);
  timer.unref();
  return () => clearInterval(timer);
}
