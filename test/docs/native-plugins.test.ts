import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemLibrary } from '../native/declaring.js';
import { followGuide, missingPrograms } from './follow.js';

/** Where the guide has the system's libraries. */
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

const folder = dirname(systemLibrary('libz.so.1') ?? LIBRARIES);
const missing = [
  ...['libz.so.1', 'libidn2.so.0', 'libsqlite3.so.0', 'libm.so.6'].filter((name) => !existsSync(join(folder, name))),
  ...missingPrograms(['cc', 'curl', 'nm']),
  ...(spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '/bin/true']).status === 0 ? [] : ['bubblewrap']),
];

followGuide({
  file: 'docs/native-plugins.md',
  missing: () => missing,
  adapt: (commands) => commands.replaceAll(LIBRARIES, folder),
});
