import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a C library may need of the system, and no place where a gateway's own files would lie. */
const SYSTEM = [
  ...['lib', 'lib32', 'lib64', 'libx32', 'libexec', 'bin', 'sbin', 'share'].map((name) => `/usr/${name}`),
  ...['/usr/local/lib', '/usr/local/lib64', '/usr/local/share', '/nix/store', '/gnu/store'],
  ...['/etc/ld.so.cache', '/etc/localtime', '/etc/alternatives', '/sys/devices/system/cpu'],
];

/** On most systems links into `/usr`, on others folders. */
const PERHAPS_LINKS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** For whoever has the network: names, services and the certificates of authorities. */
const NETWORK = [
  ...['resolv.conf', 'hosts', 'host.conf', 'nsswitch.conf', 'gai.conf', 'services', 'protocols'],
  ...['ssl/certs', 'ssl/openssl.cnf', 'pki/tls/certs', 'pki/ca-trust/extracted'],
].map((name) => `/etc/${name}`);

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url)).replace(/\/$/, '');

/** What of this project a child runs. */
const OWN = ['package.json', 'dist/adapters/native', 'dist/src/domain'].map((name) => join(ROOT, name));

export function systemFiles(network: boolean): readonly string[] {
  const shown = [...SYSTEM, ...(network ? NETWORK : [])].flatMap((path) => ['--ro-bind-try', path, path]);
  const links = PERHAPS_LINKS.flatMap((path) => {
    const target = linkTarget(path);
    return target === null ? ['--ro-bind-try', path, path] : ['--symlink', target, path];
  });
  return [...shown, ...links];
}

let packages: readonly (readonly [name: string, folder: string])[] | null = null;

/** This runtime, the child's own code with what else it needs of this project, and the packages that it uses. */
export function ownFiles(more: readonly string[]): readonly string[] {
  // Looked for once.
  packages ??= childPackages();
  const linked = packages.flatMap(([name, folder]) => ['--ro-bind', folder, join(ROOT, 'node_modules', name)]);
  const files = [...[process.execPath, ...OWN, ...more].flatMap((path) => ['--ro-bind', path, path]), ...linked];
  // A gateway that was installed under /usr lies in a folder that is shown whole: it is hidden there again.
  const isShown = SYSTEM.some((folder) => ROOT.startsWith(`${folder}/`));
  return isShown ? ['--tmpfs', ROOT, ...files, '--remount-ro', ROOT] : files;
}

/** Folders that the linker looks into because it was told to. */
export function linkerFolders(searched: string | undefined): readonly string[] {
  return (searched ?? '').split(/[:;]/).filter((folder) => isAbsolute(folder) && folder !== '/');
}

/** By name, wherever a package manager has put them: koffi, the binary for this machine, and what reads version ranges. */
function childPackages(): readonly (readonly [name: string, folder: string])[] {
  const koffi = packageOf('koffi', import.meta.url);
  const binary = `@koromix/koffi-${process.platform}-${process.arch}`;
  return [
    ['koffi', koffi],
    ['semver', packageOf('semver', import.meta.url)],
    [binary, packageOf(binary, join(koffi, 'package.json'))],
  ];
}

function packageOf(name: string, from: string): string {
  let folder = dirname(realpathSync(createRequire(from).resolve(name)));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
