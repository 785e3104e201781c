// The import layers of docs/architecture.md as rules. A rule's name is what a broken build prints, so it says what to do.

/** Folders that stand side by side: what they need of one another arrives as an argument. */
const NEIGHBOURS = [
  'registry',
  'control',
  'dispatch',
  'comparison',
  'evidence',
  'rollout',
  'parity',
  'telemetry',
  'http',
];

/** Composition roots, and the parts that they are made of. */
const ROOTS = '^src/(main|check|verify|fuzz|migration)[.]ts$';

/** What composition roots have in common, and nobody else may import. */
const PARTS_OF_ROOTS = '^src/(open-backends|find-plugin|open-sides|interruption)[.]ts$';

/** @param {string} folder @param {string} name */
const onlyHereMayUse = (folder, name) => ({
  name: `only-${folder.replaceAll('/', '-')}-imports-${name.replaceAll('/', '-')}`,
  severity: 'error',
  from: { pathNot: `^${folder}/` },
  to: { path: `^node_modules/${name}/`, dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'domain-imports-nothing',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'schema-imports-domain-zod-and-semver',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: { pathNot: '^(src/(domain|schema)|node_modules/(zod|semver|@types/semver))/' },
    },
    ...NEIGHBOURS.map((folder) => ({
      name: `${folder}-imports-domain-and-schema`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^(src|adapters)/', pathNot: `^src/(${folder}|domain|schema)/` },
    })),
    {
      name: 'adapters-import-domain-and-schema',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^(src|adapters)/', pathNot: '^(src/(domain|schema)|adapters/$1)/' },
    },
    {
      name: 'native-child-and-parent-share-frames-only',
      severity: 'error',
      from: { path: '^adapters/native/child/' },
      to: { path: '^adapters/native/parent/' },
    },
    {
      name: 'native-abi-and-elf-import-what-both-sides-may',
      severity: 'error',
      from: { path: '^adapters/native/(abi|elf)/' },
      to: { path: '^adapters/native/(child|parent)/' },
    },
    {
      name: 'wasm-lane-and-parent-share-messages-only',
      severity: 'error',
      from: { path: '^adapters/wasm/lane/' },
      to: { path: '^adapters/wasm/parent/' },
    },
    {
      name: 'wasm-process-child-and-parent-share-frames-only',
      severity: 'error',
      from: { path: '^adapters/wasm/process/child/' },
      to: { path: '^adapters/wasm/process/parent/' },
    },
    {
      name: 'wasm-lanes-do-not-know-where-they-run',
      severity: 'error',
      from: { path: '^adapters/wasm/(lane|parent)/' },
      to: { path: '^adapters/wasm/process/' },
    },
    {
      name: 'cli-reaches-the-gateway-over-http',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/(serve|check|verify|fuzz)[.]ts$' },
      to: { path: '^(src|adapters)/', pathNot: '^src/(cli|domain|schema)/' },
    },
    {
      name: 'nobody-imports-a-composition-root',
      severity: 'error',
      from: { pathNot: `^src/cli/(serve|check|verify|fuzz)[.]ts$|${ROOTS}` },
      to: { path: ROOTS },
    },
    {
      name: 'only-composition-roots-import-their-parts',
      severity: 'error',
      from: { pathNot: [ROOTS, PARTS_OF_ROOTS] },
      to: { path: PARTS_OF_ROOTS },
    },
    onlyHereMayUse('src/parity', 'fast-check'),
    onlyHereMayUse('src/http', 'express'),
    onlyHereMayUse('src/telemetry', 'prom-client'),
    onlyHereMayUse('adapters/native', 'koffi'),
    onlyHereMayUse('adapters/wasm', '@extism/extism'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'types', 'node', 'default'], exportsFields: ['exports'] },
  },
};
