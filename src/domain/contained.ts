import type { Containment, Problem, Report } from './backend.js';
import type { Exit } from './exit.js';
import type { ProcessTerms } from './native.js';

/** What the code in a process may reach, and how sure that has to be. */
export type ContainedTerms = Pick<ProcessTerms, 'containment' | 'rights'>;

/** A program of this project that runs what nobody trusts. */
export interface ContainedProgram {
  /** The URL of a module that exports a {@link RunContained} as `run`. */
  readonly module: string;
  /** Files and folders of this project that it needs besides the domain; absolute. */
  readonly files: readonly string[];
}

/** Called once in the new process, when all is denied there that its terms do not grant. */
export type RunContained = (inside: Inside) => void;

/** What a contained program finds; all three are descriptors. */
export interface Inside {
  /** What was sent to it; it ends with the gateway. */
  readonly incoming: number;
  readonly outgoing: number;
  /** A file that both sides keep. */
  readonly note: number;
  /** What could not be denied, a sentence each. */
  readonly missing: readonly string[];
}

/** What a starter hears of its process. */
export interface ContainedEars {
  /** The next bytes that it sent. */
  bytes(chunk: Uint8Array): void;
  /** Its number is known from now on. */
  started(): void;
  /** Once and last: it is gone, and all that it ever sent was heard; an error where it could not even be started. */
  gone(exit: Exit, error: Error | null): void;
}

export interface ContainedProcess {
  /** The host's number of it; undefined until it is known. */
  readonly pid: number | undefined;
  /** What holds it back, given what it could not deny to itself. */
  containment(missing: readonly string[]): Containment;
  send(parts: readonly Uint8Array[]): void;
  /** What is in the note now; also while `gone` is heard, and not after that. */
  readNote(): Uint8Array;
  /** Ends it at once. */
  kill(): void;
}

export interface ContainedStart {
  readonly program: ContainedProgram;
  readonly terms: ContainedTerms;
  /** Of zeros, at first. */
  readonly noteBytes: number;
  /** Hears what it prints. */
  readonly report: Report;
  readonly ears: ContainedEars;
}

/** Processes for code that nobody trusts: whoever needs one and whoever can make one know this alone of each other. */
export interface ContainedProcesses {
  /** Why there can be none of these terms; null when there can. `at` is the backend's place in its manifest. */
  problem(terms: ContainedTerms, at: string): Promise<Problem | null>;
  /** Throws where not even channels can be had; what else goes wrong is told by `gone`. */
  start(options: ContainedStart): ContainedProcess;
}
