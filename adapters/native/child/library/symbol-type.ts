import koffi from 'koffi';
import { findInProcess } from '../libc.js';
import { NULL, offset, type Pointer } from '../pointer.js';

/** RTLD_DL_SYMENT: `dladdr1` is to tell the entry in the symbol table. */
const WITH_ENTRY = 1;
/** Types of symbols in an ELF file. */
const STT = { none: 0, object: 1, func: 2, common: 5, tls: 6, ifunc: 10 } as const;
/** Of a program header: PT_LOAD, PF_X, and its size. */
const LOADED = 1;
const EXECUTABLE = 1;
const HEADER_SIZE = 56;

const dladdr1 = findInProcess('dladdr1', 'int', ['void *', 'void *', 'void *', 'int']);
const visit = koffi.pointer(koffi.proto('int', ['void *', 'size_t', 'void *']));
const dlIteratePhdr = findInProcess('dl_iterate_phdr', 'int', [visit, 'void *']);

/**
 * Whether a symbol's address is that of data, which ends the process when it is called. By the type of its symbol, also
 * where that lies between code, as a constant may. What resolves elsewhere (ifunc), or was assembled without a type, is
 * data outside code alone. False where the C library cannot tell.
 */
export function isData(address: Pointer): boolean {
  if (dladdr1 === null) return false;
  const entry = new BigUint64Array(1);
  // Memory of no file at all is a thread's own.
  if (dladdr1(address, new BigUint64Array(4), entry, WITH_ENTRY) === 0) return true;
  switch (typeOf((entry[0] ?? NULL) as Pointer)) {
    case STT.object:
    case STT.common:
    case STT.tls:
      return true;
    case STT.func:
    case STT.ifunc:
      return false;
    default:
      return isOutsideCode(address);
  }
}

function typeOf(entry: Pointer): number {
  return entry === NULL ? STT.none : readNumber(entry, 4, 'uint8_t') & 0xf;
}

/** Whether the part of a file that lies there is not for execution. */
function isOutsideCode(address: Pointer): boolean {
  let isOutside = false;
  dlIteratePhdr?.((info: Pointer) => {
    const loadedAt = readPointer(info, 0);
    const headers = readPointer(info, 16);
    for (let index = 0; index < readNumber(info, 24, 'uint16_t'); index++) {
      const header = offset(headers, index * HEADER_SIZE);
      const from = loadedAt + readPointer(header, 16);
      if (readNumber(header, 0, 'uint32_t') !== LOADED || address < from) continue;
      if (address >= from + readPointer(header, 40)) continue;
      isOutside = (readNumber(header, 4, 'uint32_t') & EXECUTABLE) === 0;
      return 1;
    }
    return 0;
  }, null);
  return isOutside;
}

function readNumber(at: Pointer, bytes: number, type: 'uint8_t' | 'uint16_t' | 'uint32_t'): number {
  return koffi.decode(at, bytes, type) as number;
}

function readPointer(at: Pointer, bytes: number): Pointer {
  return BigInt(koffi.decode(at, bytes, 'uint64_t') as number | bigint) as Pointer;
}
