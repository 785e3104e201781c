/**
 * A child's descriptors. Calls and answers have a socket each: a write that fails because the child is gone would
 * otherwise take the answers with it that were not read yet.
 */
export const DESCRIPTOR = { calls: 3, answers: 4, note: 5 } as const;
