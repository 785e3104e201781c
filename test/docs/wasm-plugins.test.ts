import { rustCompiler } from '../wasm/rust-compiler.js';
import { followGuide, missingPrograms } from './follow.js';

const programs = missingPrograms(['cc', 'curl']);
const rustc = rustCompiler();

followGuide({
  file: 'docs/wasm-plugins.md',
  // No other stage stands on the one in Rust.
  missing: (stage) => [...programs, ...(stage.endsWith('in Rust') && rustc === null ? ['rustc for wasm'] : [])],
  adapt: (commands) => commands.replaceAll(/^rustc /gm, `${rustc ?? 'rustc'} `),
});
