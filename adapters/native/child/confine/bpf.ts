/*
 * Classic BPF, as far as a filter of system calls needs it. An instruction is 8 bytes: u16 code, u8 how many instructions to
 * skip if true, u8 if false, u32 operand. The machines that are known here are little endian.
 */
export interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

export const INSTRUCTION_SIZE = 8;

const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Where the kernel's description of a call has its words. */
export const CALL_NUMBER = 0;
export const ARCHITECTURE = 4;
/** The low half of an argument: all that the kernel looks at where it takes an `int`. */
export const argument = (index: number): number => 16 + 8 * index;

export const VERDICT = {
  allow: 0x7fff_0000,
  kill: 0x8000_0000,
  error: (errno: number): number => 0x0005_0000 | errno,
} as const;

export const load = (at: number): Instruction => ({ code: LOAD_WORD, ifTrue: 0, ifFalse: 0, operand: at });
export const verdict = (operand: number): Instruction => ({ code: RETURN, ifTrue: 0, ifFalse: 0, operand });

/** Runs the block if what was loaded compares so; it may be 255 instructions long. */
export const ifEqual = (value: number, block: readonly Instruction[]): readonly Instruction[] => [
  { code: JUMP_IF_EQUAL, ifTrue: 0, ifFalse: block.length, operand: value },
  ...block,
];
export const ifAtLeast = (value: number, block: readonly Instruction[]): readonly Instruction[] => [
  { code: JUMP_IF_AT_LEAST, ifTrue: 0, ifFalse: block.length, operand: value },
  ...block,
];
export const ifAnyBit = (mask: number, block: readonly Instruction[]): readonly Instruction[] => [
  { code: JUMP_IF_ANY_BIT, ifTrue: 0, ifFalse: block.length, operand: mask },
  ...block,
];
export const unlessEqual = (value: number, block: readonly Instruction[]): readonly Instruction[] => [
  { code: JUMP_IF_EQUAL, ifTrue: block.length, ifFalse: 0, operand: value },
  ...block,
];

export function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_SIZE);
  for (const [index, { code, ifTrue, ifFalse, operand }] of program.entries()) {
    const at = index * INSTRUCTION_SIZE;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(operand >>> 0, at + 4);
  }
  return bytes;
}
