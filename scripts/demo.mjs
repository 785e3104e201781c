// `npm run demo`: sets up what is not fresh, then plays the story of a migration.
import { setUp } from './setup.mjs';

await setUp();
await import('../dist/examples/migrate.js');
