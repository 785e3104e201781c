/** What a child is told when it is started, before it knows its libraries: its one argument, as JSON. */
export interface Enclosure {
  /** Whether it has a process namespace of its own: its signals reach nobody else. */
  readonly enclosed: boolean;
  /** The gateway's process, where that is its parent: without it, it has nothing to live for. */
  readonly parent: number | null;
  /** What is denied inside the process, besides what a sandbox around it denies; null: nothing. */
  readonly confine: { readonly network: boolean; readonly spawn: boolean } | null;
}

/** Where system calls can be filtered: each machine has numbers of its own for them. */
export const FILTERED_ARCHITECTURES = ['x64', 'arm64'] as const satisfies readonly NodeJS.Architecture[];
