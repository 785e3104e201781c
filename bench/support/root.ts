import { fileURLToPath } from 'node:url';

/** The checkout; benches run as `dist/bench/…`. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
