// A program that speaks as a process of lanes does when it is opened, and answers its first call with what its address says.
import { readSync, writeSync } from 'node:fs';

const HEADER = 24;
const garbage = Buffer.from(new URL(import.meta.url).searchParams.get('garbage') ?? '', 'hex');

export function run({ incoming, outgoing }) {
  const read = (length) => {
    const bytes = Buffer.alloc(length);
    for (let have = 0; have < length;) {
      const more = readSync(incoming, bytes, have, length - have);
      if (more === 0) process.exit(0);
      have += more;
    }
    return bytes;
  };
  const frame = () => read(read(HEADER).readUInt32LE(0));

  frame();
  const nothingIsMissing = Buffer.from('[]');
  const ready = Buffer.alloc(HEADER);
  ready.writeUInt32LE(nothingIsMissing.length);
  writeSync(outgoing, Buffer.concat([ready, nothingIsMissing]));
  frame();
  writeSync(outgoing, garbage);
  for (;;) frame();
}
