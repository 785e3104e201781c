import { Rejected } from '../domain/control.js';
import { Conflict, StoreUnavailable } from './stores/store.js';

/** What the store answers; its errors become the rejection that tells a caller of them. */
export async function stored<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Conflict) throw new Rejected({ code: 'conflict', detail: error.message }, { cause: error });
    if (error instanceof StoreUnavailable) {
      throw new Rejected({ code: 'store-unavailable', detail: error.message }, { cause: error });
    }
    throw error;
  }
}
