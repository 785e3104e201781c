import type { PrototypeResult } from '../../../../src/domain/native-function.js';
import { type CallType, isBytes, isText } from './c-type.js';

/** Why a function's result cannot be answered in this form; null when it can. */
export function wrongWithResult(as: PrototypeResult['as'], type: CallType): string | null {
  switch (as) {
    case 'text':
      return isText(type) ? null : `text needs a function that returns char *, not ${type.written}`;
    case 'bytes':
      return isBytes(type) ? null : `bytes need a function that returns a pointer to bytes, not ${type.written}`;
    case 'length':
      return type.kind === 'integer' ? null : `a length needs a function that returns an integer, not ${type.written}`;
    case 'json':
      return type.kind === 'pointer' && type.target.kind !== 'struct'
        ? `a result of type ${type.written} cannot be answered as JSON`
        : null;
    case 'handle':
      return 'a handle is what init returns, and nothing else';
    case 'none':
      return null;
    default:
      return as satisfies never;
  }
}
