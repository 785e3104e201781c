/** The argument of a child that has a process namespace of its own: its signals reach nobody else. */
export const ENCLOSED = '--enclosed';

/** Where system calls can be filtered: each machine has numbers of its own for them. */
export const FILTERED_ARCHITECTURES = ['x64', 'arm64'] as const satisfies readonly NodeJS.Architecture[];
