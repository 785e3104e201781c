import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { assemblyCompilerVersion, compileAssembly } from './compile-assembly.mjs';
import { compileText, textCompilerVersion } from './compile-text.mjs';
import { compileWasm, headersIn, wasmCompilerVersion } from './compile-wasm.mjs';
import { openStamps } from './stamps.mjs';
import { copyIfDifferent, replaceWhole } from './write-whole.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = 'build/fixtures';
const example = 'build/example';

const nativeFlags = [
  '-std=gnu11',
  '-O3',
  '-fPIC',
  '-shared',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Ilegacy-fixtures/include',
];
// With SIMD, 64 KiB of text took 37 µs instead of 100, and a frame of 1 MiB a tenth less.
// Where there is a C library, its headers are found first.
const wasmFlags = ['-msimd128', '-idirafter', 'wasm-fixtures/include', '-Ilegacy-fixtures'];

/** Libraries by name, each of one source. */
const libraries = {
  vowels: { unit: 'legacy-fixtures/vowels.c' },
  pricing: { unit: 'legacy-fixtures/pricing.c' },
  image: { unit: 'legacy-fixtures/image.c' },
  faulty: { unit: 'legacy-fixtures/faulty.c' },
  sha256: { unit: 'legacy-fixtures/sha256.c' },
  'tariff-1.0': { unit: 'legacy-fixtures/tariff.c', flags: ['-DBANYAN_ABI_MINOR=0'] },
  'tariff-1.1': { unit: 'legacy-fixtures/tariff.c' },
};

/** Modules by name: a wrapper of `wasm-fixtures`, with the source of the library it is a port of. */
const modules = {
  vowels: { units: ['legacy-fixtures/vowels.c', 'wasm-fixtures/vowels.c'] },
  'pricing-1.0.0': {
    units: ['legacy-fixtures/pricing.c', 'wasm-fixtures/pricing.c'],
    flags: ['-DPRICING_HALF_EVEN'],
  },
  'pricing-1.0.1': { units: ['legacy-fixtures/pricing.c', 'wasm-fixtures/pricing.c'] },
  'pricing-1.0.2': {
    units: ['legacy-fixtures/pricing.c', 'wasm-fixtures/pricing.c'],
    flags: ['-DPRICING_TRAPS', '-Wno-unused-function'],
  },
  image: { units: ['legacy-fixtures/image.c', 'wasm-fixtures/image.c'] },
  faulty: { units: ['legacy-fixtures/faulty.c', 'wasm-fixtures/faulty.c'] },
  crc: { units: ['wasm-fixtures/crc.c'] },
  cart: { units: ['wasm-fixtures/cart.c'] },
  relay: { units: ['wasm-fixtures/relay.c'] },
  sha256: { units: ['legacy-fixtures/sha256.c', 'wasm-fixtures/sha256.c'] },
  'wasi-files': { units: ['wasm-fixtures/wasi-files.c'], system: 'wasi-reactor' },
  'wasi-calls': { units: ['wasm-fixtures/wasi-calls.c'], system: 'wasi-reactor' },
  'wasi-command': { units: ['wasm-fixtures/wasi-command.c'], system: 'wasi-command' },
};

/** Modules of one source each, in AssemblyScript and in the text format; for the tests alone. */
const assembly = ['notes'];
const text = ['reverse', 'shout', 'upper', 'parity', 'even', 'odd'];

/** What each example plugin's folder gets beside its manifest. */
const artefacts = {
  vowels: ['legacy/libvowels.so', 'wasm/vowels.wasm'],
  pricing: ['legacy/libpricing.so', 'wasm/pricing-1.0.0.wasm', 'wasm/pricing-1.0.1.wasm', 'wasm/pricing-1.0.2.wasm'],
  image: ['legacy/libimage.so', 'wasm/image.wasm'],
  crc: ['wasm/crc.wasm'],
  cart: ['wasm/cart.wasm'],
  faulty: ['legacy/libfaulty.so', 'wasm/faulty.wasm'],
};

/** Schemas of inputs, which `banyan fuzz` finds beside the manifest. */
const schemas = { pricing: ['quote.schema.json'] };

/**
 * Builds what is stale of the fixtures and brings the example folder up to date, its `var` untouched.
 * Answers the paths written, relative to the project's root; `say` hears of each build before it begins.
 */
export async function buildFixtures({ say = () => {} } = {}) {
  const stamps = await openStamps(inRoot(fixtures, '.stamps.json'), root);
  return [
    ...(await buildLibraries(stamps, say)),
    ...(await buildModules(stamps, say)),
    ...(await buildSingles(stamps, say)),
    ...(await assembleExample()),
  ];
}

async function buildLibraries(stamps, say) {
  const compiler = await nativeCompilerVersion();
  const headers = [...(await headersIn('legacy-fixtures')), ...(await headersIn('legacy-fixtures/include'))];
  const written = [];
  for (const [name, { unit, flags = [] }] of Object.entries(libraries)) {
    const recipe = [compiler, ...nativeFlags, ...flags].join(' ');
    const output = `${fixtures}/legacy/lib${name}.so`;
    const sources = [unit, ...headers];
    const built = await stamps.refresh(output, { sources, recipe }, async () => {
      say(`cc     ${output}`);
      await replaceWhole(inRoot(output), (temporary) =>
        run('cc', [...nativeFlags, ...flags, '-o', temporary, unit], { cwd: root }),
      );
    });
    if (built) written.push(output);
  }
  return written;
}

async function buildModules(stamps, say) {
  const headers = [...(await headersIn('legacy-fixtures')), ...(await headersIn('wasm-fixtures/include'))];
  const written = [];
  for (const [name, { units, system, flags = [] }] of Object.entries(modules)) {
    const output = `${fixtures}/wasm/${name}.wasm`;
    const sources = [...units, ...headers];
    const recipe = [await wasmCompilerVersion(system), ...wasmFlags, ...flags].join(' ');
    const built = await stamps.refresh(output, { sources, recipe }, async () => {
      say(`clang  ${output}`);
      await compileWasm({ sources, output, system, flags: [...wasmFlags, ...flags] });
    });
    if (built) written.push(output);
  }
  return written;
}

async function buildSingles(stamps, say) {
  const asc = await assemblyCompilerVersion();
  const wabt = await textCompilerVersion();
  const singles = [
    ...assembly.map((name) => ({
      name,
      tool: 'asc',
      source: `assembly/${name}.ts`,
      recipe: asc,
      compile: compileAssembly,
    })),
    ...text.map((name) => ({ name, tool: 'wabt', source: `text/${name}.wat`, recipe: wabt, compile: compileText })),
  ];
  const written = [];
  for (const { name, tool, source: file, recipe, compile } of singles) {
    const source = `wasm-fixtures/${file}`;
    const output = `${fixtures}/wasm/${name}.wasm`;
    const built = await stamps.refresh(output, { sources: [source], recipe }, async () => {
      say(`${tool.padEnd(6)} ${output}`);
      await compile({ source, output });
    });
    if (built) written.push(output);
  }
  return written;
}

/** A manifest is copied after what it names, so that a gateway that reloads meanwhile finds all of it. */
async function assembleExample() {
  const copies = Object.entries(artefacts).flatMap(([plugin, files]) => [
    ...files.map((file) => [`${fixtures}/${file}`, `${example}/plugins/${plugin}/${path.basename(file)}`]),
    ...['plugin.yaml', ...(schemas[plugin] ?? [])].map((file) => [
      `examples/plugins/${plugin}/${file}`,
      `${example}/plugins/${plugin}/${file}`,
    ]),
  ]);
  copies.push(['examples/banyan.yaml', `${example}/banyan.yaml`]);

  const written = [];
  for (const [from, to] of copies) if (await copyIfDifferent(inRoot(from), inRoot(to))) written.push(to);
  return written;
}

async function nativeCompilerVersion() {
  try {
    const { stdout } = await run('cc', ['--version']);
    return stdout.split('\n', 1)[0];
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Error('cc was not found: the legacy fixtures need a C compiler (Debian: gcc and libc6-dev)', { cause });
  }
}

function inRoot(...names) {
  return path.join(root, ...names);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const written = await buildFixtures({ say: console.log });
    console.log(written.length === 0 ? 'the fixtures are fresh' : `${written.length} files written`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
