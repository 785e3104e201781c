import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, AnswerReader, ProtocolError } from '#adapters/native/parent/answer-reader.js';

const LIMIT = 200_000;

function frame(answer: Pick<Answer, 'sequence' | 'kind' | 'status'> & { readonly body: Uint8Array }): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(answer.body.length, 0);
  header.writeUInt32LE(answer.sequence, 4);
  header.writeUInt32LE(answer.kind, 8);
  header.writeInt32LE(answer.status, 12);
  return Buffer.concat([header, answer.body]);
}

const plain = (answer: Pick<Answer, 'sequence' | 'kind' | 'status'> & { readonly body: Uint8Array }): string =>
  `${answer.sequence} ${answer.kind} ${answer.status} ${Buffer.from(answer.body).toString('hex')}`;

const answers = fc.array(
  fc.record({
    sequence: fc.nat(0xffff_ffff),
    kind: fc.constantFrom(0, 1, 3, 5),
    status: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    body: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(3_000).fill(7))),
  }),
  { maxLength: 12 },
) as fc.Arbitrary<(Pick<Answer, 'sequence' | 'kind' | 'status'> & { body: Uint8Array })[]>;

test('answers are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(
      answers,
      fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 50 }),
      (sent, cuts) => {
        const read: Answer[] = [];
        const reader = new AnswerReader(LIMIT, (answer) => read.push(answer));
        const bytes = Buffer.concat(sent.map(frame));
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          reader.push(Buffer.from(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(read.map(plain)).toEqual(sent.map(plain));
      },
    ),
    { numRuns: 200 },
  );
});

test('noise never makes it throw anything but a protocol error, nor wait for more than the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 20 }), (chunks) => {
      const reader = new AnswerReader(LIMIT, (answer) => expect(answer.body.length).toBeLessThanOrEqual(1024 * 1024));
      try {
        for (const chunk of chunks) reader.push(Buffer.from(chunk));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

test('a length over the limit is refused before its bytes come', () => {
  const reader = new AnswerReader(LIMIT, () => undefined);
  const header = frame({ sequence: 1, kind: 0, status: 0, body: new Uint8Array(0) });
  header.writeUInt32LE(LIMIT + 1, 0);
  expect(() => reader.push(header)).toThrow(ProtocolError);
});
