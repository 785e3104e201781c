const MAGIC = '\x7fELF';
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const SHARED_OBJECT = 3;

/** e_machine by Node's name of the architecture. */
const MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183, riscv64: 243, loong64: 258 };

/**
 * What is wrong with the head of a file as a shared library for this process, in one line; null when nothing is.
 * dlopen would say it too, but less clearly, and not before it has mapped the file.
 */
export function wrongWithElf(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.toString('latin1', 0, 4) !== MAGIC || bytes.length < 20)
    return `is not an ELF shared library: ${bytes.length === 0 ? 'it is empty' : `it begins with ${JSON.stringify(bytes.toString('latin1', 0, 16))}`}`;
  if (bytes[4] !== CLASS_64) return 'is an ELF file, but not a 64-bit one';
  if (bytes[5] !== LITTLE_ENDIAN) return 'is an ELF file, but not a little-endian one';
  const type = bytes.readUInt16LE(16);
  if (type !== SHARED_OBJECT) return `is an ELF file, but no shared library (type ${type})`;
  const machine = bytes.readUInt16LE(18);
  const wanted = MACHINES[process.arch];
  if (wanted !== undefined && machine !== wanted)
    return `is a shared library for another processor (machine ${machine}; this is ${process.arch})`;
  return null;
}
