/** A promise with its ends in hand (`Promise.withResolvers`, which Node 20 lacks). */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

export function deferred(): Deferred {
  let ends: Pick<Deferred, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => (ends = { resolve, reject }));
  return { promise, resolve: () => ends?.resolve(), reject: (error) => ends?.reject(error) };
}
