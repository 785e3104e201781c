export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `banyan.yaml`, parsed; every path absolute. */
export interface Configuration {
  /** The file it came from. */
  readonly file: string;
  readonly data: {
    readonly listen: Address;
    readonly allowOverride: boolean;
    /** Whether responses carry `x-banyan-*` headers. */
    readonly expose: boolean;
    readonly limits: { readonly body: number };
  };
  readonly admin: {
    readonly listen: Address;
    /** Names besides the loopback ones that `Host` may carry. */
    readonly hosts: readonly string[];
  };
  readonly plugins: string;
  readonly libraryRoots: readonly string[];
  /** Plugins that may run native code in the gateway itself. */
  readonly inProcess: readonly string[];
  readonly store: { readonly kind: 'file'; readonly path: string };
  readonly lanes: number;
  /** How SIGTERM stops the gateway: `readyz` says so for the delay, then calls have the grace period to end. */
  readonly shutdown: { readonly delayMs: number; readonly graceMs: number };
}
