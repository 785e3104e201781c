import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { callOf, textOf } from '../contract/calls.js';
import { buffer, fixture, specOf } from './libraries.js';

/** Calls of one plugin on their way at a time. */
const IN_FLIGHT = 8;
const VOWELS = 'aeiou';

interface Question {
  readonly input: string;
  /** All that its answer may be. */
  readonly answer: string;
}

/** Plugins in children of their own that are called all the time. No two calls have the same answer. */
export class SteadyLoad {
  readonly wrong: string[] = [];
  #answered = 0;
  #stopped = false;
  readonly #backends: Backend[] = [];
  #callers: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Set<() => void>();

  get answered(): number {
    return this.#answered;
  }

  async start(): Promise<void> {
    const vowels = await openNative()(
      specOf(
        fixture('vowels'),
        { list: { convention: 'cstring', symbol: 'vowels_list' } },
        { plugin: 'vowels', restarts: { max: 0, withinMs: 1, restMs: 1_000 } },
      ),
      () => undefined,
    );
    this.#backends.push(vowels);
    const pricing = await openNative()(
      specOf(
        fixture('pricing'),
        { quote: buffer('pricing_quote') },
        { plugin: 'pricing', restarts: { max: 0, withinMs: 1, restMs: 1_000 } },
      ),
      () => undefined,
    );
    this.#backends.push(pricing);
    this.#callers = Promise.all([this.#ask(vowels, 'list', aboutVowels), this.#ask(pricing, 'quote', aboutPrices)]);
  }

  /** Resolves when the next call has come to its end. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#callers;
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  /** All at once, and again after a moment: a load that is steady, and leaves the machine to the faults. */
  async #ask(backend: Backend, name: string, about: (serial: number) => Question): Promise<void> {
    for (let serial = 0; !this.#stopped; serial += IN_FLIGHT) {
      await Promise.all(
        Array.from({ length: IN_FLIGHT }, (_, index) => this.#askOnce(backend, name, about(serial + index))),
      );
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  async #askOnce(backend: Backend, name: string, { input, answer }: Question): Promise<void> {
    try {
      const said = textOf((await backend.call(callOf(name, input))).output);
      if (said === answer) this.#answered += 1;
      else this.wrong.push(`${name} of ${input} answered ${said}`);
    } catch (error) {
      this.wrong.push(`${name} of ${input}: ${String(error)}`);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The serial number in vowels, between consonants. */
function aboutVowels(serial: number): Question {
  const vowels = Array.from(serial.toString(5), (digit) => VOWELS[Number(digit)]);
  return { input: vowels.join('str'), answer: JSON.stringify({ vowels: vowels.join('') }) };
}

function aboutPrices(serial: number): Question {
  const order = {
    sku: `fig-${serial}`,
    unitPriceCents: serial % 10_007,
    quantity: 3,
    discountPercent: 10,
    taxPercent: 19,
  };
  const share = (cents: number, percent: number): number => Math.floor((cents * percent + 50) / 100);
  const gross = order.unitPriceCents * order.quantity;
  const discountCents = share(gross, order.discountPercent);
  const netCents = gross - discountCents;
  const taxCents = share(netCents, order.taxPercent);
  const quote = { sku: order.sku, discountCents, netCents, taxCents, totalCents: netCents + taxCents };
  return { input: JSON.stringify(order), answer: JSON.stringify(quote) };
}
