/** How a process ended; both null: nobody can tell. */
export interface Exit {
  readonly signal: string | null;
  readonly exitCode: number | null;
}

/** `SIGSEGV`, or `exit status 0`. */
export function describeExit(exit: Exit): string {
  return exit.signal ?? `exit status ${exit.exitCode ?? 'unknown'}`;
}

/** What a failure says of it. */
export function failureFieldsOf(exit: Exit): { readonly signal?: string; readonly exitCode?: number } {
  if (exit.signal !== null) return { signal: exit.signal };
  return exit.exitCode === null ? {} : { exitCode: exit.exitCode };
}
