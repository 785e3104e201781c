/** Bytes that a guest may hand over with a request: they go through the gateway's own memory. */
export const MOST_ASKED_WITH = 16 * 1024 * 1024;

/** An HTTP request as a guest wants it made. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
}

/** What a guest asks the gateway for in the middle of its call; its lane waits for the answer. */
export type HostRequest =
  | { readonly kind: 'http'; readonly request: HttpRequest }
  /** `target` is `plugin/function`, as the guest wrote it. */
  | { readonly kind: 'call'; readonly target: string; readonly input: Uint8Array };

export type HostAnswer =
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array;
    }
  /** `status` as HTTP has it; the output, or of a failure its code and detail as text. */
  | { readonly kind: 'call'; readonly status: number; readonly output: Uint8Array }
  /** The guest's call ends, as `trapped`, with these words. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody waits for the guest's call any more. */
  | { readonly kind: 'given-up' };
