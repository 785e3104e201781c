import type { Backend, BackendName } from '../domain/backend.js';
import { Failed } from '../domain/failure.js';

/** What a caller is told to wait for a backend that is being opened. Milliseconds. */
const RETRY_AFTER = 1_000;

/** Stands where a backend is about to be: calls learn so until it is open, and go to it from then on. */
export function loading(name: BackendName, opened: Promise<Backend>): Backend {
  let backend: Backend | null = null;
  let closed = false;
  opened.then(
    (open) => {
      backend = open;
      if (closed) void open.close();
    },
    // A defect: calls go on being told that there is nothing to call.
    () => undefined,
  );
  return {
    window: { size: 1 },
    call(call) {
      if (backend !== null) return backend.call(call);
      const detail = `the ${name} backend is still being opened`;
      return Promise.reject(new Failed({ code: 'unavailable', detail, retryAfterMs: RETRY_AFTER }, name));
    },
    // Whoever leaves does not wait for what may never open.
    close() {
      closed = true;
      return backend === null ? Promise.resolve() : backend.close();
    },
  };
}
