import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A call whose answer a connection waits for. */
export interface OwedCall {
  readonly response: ServerResponse;
  readonly cancel: () => void;
}

/** What is still to come on a connection: requests may be pipelined, so it can be more than one answer. */
export class Connection {
  readonly #owed = new Set<OwedCall>();
  /** Its last answer has been written, whatever else may arrive. */
  closing = false;

  get owes(): boolean {
    return this.#owed.size > 0;
  }

  owe(call: OwedCall): void {
    this.#owed.add(call);
  }

  settle(call: OwedCall): void {
    this.#owed.delete(call);
  }

  /** The caller is gone: nobody waits for any of its answers. */
  hungUp(): void {
    for (const { cancel } of this.#owed) cancel();
  }

  /** Resolves when every answer that is owed now has left. */
  async settled(): Promise<void> {
    await Promise.all(
      [...this.#owed].map(({ response }) => new Promise<void>((resolve) => response.once('close', () => resolve()))),
    );
  }
}

const connections = new WeakMap<Duplex, Connection>();

export function connectionOf(socket: Duplex): Connection {
  let connection = connections.get(socket);
  if (connection === undefined) {
    const made = new Connection();
    connections.set(socket, (connection = made));
    socket.on('close', () => made.hungUp());
  }
  return connection;
}
