import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Callers at once, and the rest of each between two calls: some thousand calls a second. */
const CALLERS = 16;
const REST_MS = 8;

/** Callers that never stop asking for prices, and what they got. */
export interface Traffic {
  /** Calls since the last `reset`, by the side that answered and why. */
  answers(): ReadonlyMap<string, number>;
  /** Answers that were no success since the start; each is told of once. */
  failures(): number;
  reset(): void;
  stop(): Promise<void>;
}

/** `onFailure` is told of each answer that is no 200. */
export function startTraffic(url: string, onFailure: (what: string) => void): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const answers = new Map<string, number>();
  let failures = 0;
  let stopping = false;

  async function caller(number: number): Promise<void> {
    while (!stopping) {
      const { status, backend, reason, body } = await ask(url, agent, `tenant-${number}-${draw(1_000)}`);
      if (status !== 200) {
        failures += 1;
        onFailure(`${status} ${body}`);
      }
      const kind = `${backend} (${reason})`;
      answers.set(kind, (answers.get(kind) ?? 0) + 1);
      await pause(REST_MS);
    }
  }

  const callers = Array.from({ length: CALLERS }, (_, number) => caller(number));
  return {
    answers: () => new Map(answers),
    failures: () => failures,
    reset: () => answers.clear(),
    async stop() {
      stopping = true;
      await Promise.all(callers);
      agent.destroy();
    },
  };
}

interface Answered {
  readonly status: number;
  readonly backend: string;
  readonly reason: string;
  readonly body: string;
}

function ask(url: string, agent: Agent, tenant: string): Promise<Answered> {
  const order = {
    sku: `fig-${draw(50)}`,
    unitPriceCents: 1 + draw(5_000),
    quantity: 1 + draw(9),
    discountPercent: draw(30),
    taxPercent: [0, 7, 19][draw(3)],
  };
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-tenant': tenant };
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
      incoming.on('end', () => {
        const { 'x-banyan-backend': backend = 'nobody', 'x-banyan-reason': reason = 'none' } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, backend: String(backend), reason: String(reason), body });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(order));
  });
}

function draw(below: number): number {
  return Math.floor(Math.random() * below);
}
