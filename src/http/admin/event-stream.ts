import type { ServerResponse } from 'node:http';
import type { EventFeed, Follower } from '../../domain/event.js';
import { eventViewOf } from './event-view.js';

/** How long a client waits before it comes back, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Writes a feed's events into one response. What its reader does not take stays in the feed, not here: behind the
 * socket's own buffer there is never more than one event. A reader that falls behind what the feed keeps, or takes
 * nothing from one beat to the next, loses its connection, and may come back.
 */
export class EventStream implements Follower {
  readonly #feed: EventFeed;
  /** Whether events are missing between what the reader had and what it gets. */
  readonly #gap: boolean;
  /** The number of the latest event that the reader was sent. */
  #sent: number;
  #response: ServerResponse | null = null;
  #blockedAtBeat = false;
  #ended = false;

  /** `after`: the last event that the reader had, as it says; null: it wants what comes from now on. */
  constructor(feed: EventFeed, after: string | null) {
    this.#feed = feed;
    const had = after === null ? feed.newest() : /^\d{1,16}$/.test(after) ? Number(after) : -1;
    this.#gap = had < feed.oldest() - 1 || had > feed.newest();
    this.#sent = this.#gap ? feed.oldest() - 1 : had;
  }

  /** Begins to write; `closed` is called when the response is over, for whatever reason. */
  open(response: ServerResponse, closed: () => void): void {
    this.#response = response;
    response.on('drain', () => {
      this.#blockedAtBeat = false;
      this.wake();
    });
    response.once('close', closed);
    // An id of its own: a reader that is cut off before the first event comes back without having missed one.
    response.write(`retry: ${RETRY_MS}\nid: ${this.#sent}\n\n`);
    if (this.#gap) response.write('event: reset\ndata: {"type":"reset"}\n\n');
    if (this.#ended) this.end();
    else this.wake();
  }

  wake(): void {
    const response = this.#response;
    if (response === null || response.writableEnded) return;
    if (this.#sent < this.#feed.oldest() - 1) {
      response.destroy();
      return;
    }
    while (!response.writableNeedDrain) {
      const recorded = this.#feed.at(this.#sent + 1);
      if (recorded === undefined) return;
      this.#sent = recorded.id;
      const view = eventViewOf(recorded);
      response.write(`id: ${view.id}\nevent: ${view.type}\ndata: ${JSON.stringify(view)}\n\n`);
    }
  }

  /** A comment keeps proxies and readers from taking silence for death. */
  beat(): void {
    const response = this.#response;
    if (response === null || response.writableEnded) return;
    if (!response.writableNeedDrain) response.write(': beat\n\n');
    else if (this.#blockedAtBeat) response.destroy();
    else this.#blockedAtBeat = true;
  }

  end(): void {
    this.#ended = true;
    this.#response?.end();
  }
}
